using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>What a host takes of the runs that wait for one, and how many at the same time.</summary>
internal sealed class Intake(FletcherHost host, FletcherOptions options)
{
    private const int ClaimsAtOnce = 100;

    /// <summary>
    /// A host that was full waits so long, or until so many places in its capacity are free, before it takes more: each claim is a commit, and one for a single place would cost as much as one for a
    /// hundred. A host that has not been full takes what it can at once.
    /// </summary>
    private static readonly TimeSpan GatherFor = TimeSpan.FromMilliseconds(5);

    private readonly int _gather = Math.Clamp(options.Capacity / 10, 1, ClaimsAtOnce);

    /// <summary>Priorities whose last served key is remembered. Programs have a handful; the limit is for those that make them up.</summary>
    private const int MostPriorities = 1000;

    /// <summary>So many runs do not count while they only wait for limits; more would only fill the memory.</summary>
    private const int MostGivingWay = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _byFlow = new(StringComparer.Ordinal);
    private Dictionary<int, string> _lastServed = [];
    private TaskCompletionSource? _emptied;
    private int _served;
    private int _givingWay;
    private bool _isDraining;
    private long _freeSince;
    private bool _gathers;

    /// <summary>Whether the host takes no more runs.</summary>
    internal bool IsDraining
    {
        get
        {
            lock (_gate)
                return _isDraining;
        }
    }

    /// <summary>What to ask the store for now; null when the host takes nothing.</summary>
    internal ClaimRequest? Next()
    {
        lock (_gate)
        {
            var room = options.Capacity - Busy;
            if (!host.TakesRuns || host.IsStopping || _isDraining || room < 1 || (Gathers(room) && TimeProvider.System.GetElapsedTime(_freeSince) < GatherFor))
                return null;
            _gathers = false;
            return new ClaimRequest
            {
                HostId = host.Id,
                Flows = host.Identity.Flows,
                Queues = host.Identity.Queues,
                Labels = host.Identity.Labels,
                Room = FindRoom(),
                LastServed = _lastServed,
                Now = host.Now,
                Limit = Math.Min(ClaimsAtOnce, room),
            };
        }
    }

    /// <summary>For how long the host waits for more of its capacity to become free; zero when it does not.</summary>
    internal TimeSpan FindGathering()
    {
        lock (_gate)
            return !_isDraining && Gathers(options.Capacity - Busy) ? GatherFor : TimeSpan.Zero;
    }

    /// <summary>Remembers whose turn it was.</summary>
    internal void Note(IReadOnlyList<ClaimedRun> claimed)
    {
        if (claimed.Count == 0)
            return;
        lock (_gate)
        {
            // Anew: the store may still read what it was given.
            var served = _lastServed.Count >= MostPriorities ? [] : new Dictionary<int, string>(_lastServed);
            foreach (var run in claimed)
                served[run.Run.Priority] = run.Run.FairnessKey;
            _lastServed = served;
        }
    }

    /// <summary>Counts a run that the host executes for nobody here, until it is done.</summary>
    internal void Enter(string flow)
    {
        lock (_gate)
        {
            _served++;
            _byFlow[flow] = _byFlow.GetValueOrDefault(flow) + 1;
        }
    }

    /// <summary>It is done, parked, or lost.</summary>
    /// <returns>Whether the host can take a run now that it could not take before.</returns>
    internal bool Leave(string flow)
    {
        lock (_gate)
        {
            var isFull = Busy >= options.Capacity;
            _served--;
            if (isFull)
            {
                _freeSince = TimeProvider.System.GetTimestamp();
                _gathers = true;
            }

            var wasFull = isFull || (_gathers && options.Capacity - Busy == _gather) || (MostOf(flow) is var most and > 0 && _byFlow[flow] == most);
            if (--_byFlow[flow] == 0)
                _byFlow.Remove(flow);
            if (_served == 0)
                _emptied?.TrySetResult();
            return wasFull;
        }
    }

    /// <summary>A run that the host executes for nobody here only waits for a limit or a process, so another one may be executed meanwhile; or it goes on.</summary>
    /// <returns>Whether the host can take a run now that it could not take before.</returns>
    internal bool GiveWay(bool givesWay)
    {
        lock (_gate)
        {
            var wasFull = Busy >= options.Capacity;
            _givingWay += givesWay ? 1 : -1;
            return wasFull && Busy < options.Capacity;
        }
    }

    /// <summary>Takes no more runs.</summary>
    /// <returns>Completes when those that it took have left.</returns>
    internal Task Drain()
    {
        lock (_gate)
        {
            _isDraining = true;
            if (_served == 0)
                return Task.CompletedTask;
            if (_emptied is not { Task.IsCompleted: false })
                _emptied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _emptied.Task;
        }
    }

    /// <summary>Takes runs again.</summary>
    internal void Open()
    {
        lock (_gate)
            _isDraining = false;
    }

    /// <summary>How many count. It is more than the capacity when those that gave way go on.</summary>
    private int Busy => _served - Math.Min(_givingWay, MostGivingWay);

    private bool Gathers(int room) => _gathers && room > 0 && room < _gather;

    private Dictionary<string, int> FindRoom()
    {
        var room = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var flow in host.BoundedFlows)
        {
            if (MostOf(flow) is var most and > 0)
                room[flow] = Math.Max(0, most - _byFlow.GetValueOrDefault(flow));

            // Another host may have a process for it sooner.
            if (host.Catalog?.Find(flow) is { } known && host.Isolated.Bounds(known))
                room[flow] = Math.Min(room.GetValueOrDefault(flow, int.MaxValue), host.Isolated.Room);
        }

        return room;
    }

    private int MostOf(string flow) => options.FlowConcurrency.TryGetValue(flow, out var most) ? most : host.Catalog?.Find(flow)?.MaxConcurrency ?? 0;
}
