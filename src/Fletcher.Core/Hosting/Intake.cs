using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>What a host takes of the runs that wait for one, and how many at the same time.</summary>
internal sealed class Intake(FletcherHost host)
{
    /// <summary>So many runs that nobody here called are executed at the same time; the others wait in the store.</summary>
    private const int MostServed = 1000;

    private const int ClaimsAtOnce = 100;

    /// <summary>Priorities whose last served key is remembered. Programs have a handful; the limit is for those that make them up.</summary>
    private const int MostPriorities = 1000;

    private readonly Dictionary<int, string> _lastServed = [];
    private int _served;

    /// <summary>What to ask the store for now; null when the host takes nothing. Asked by the host's loop only.</summary>
    internal ClaimRequest? Next()
    {
        var room = MostServed - Volatile.Read(ref _served);
        if (!host.TakesRuns || host.IsStopping || room < 1)
            return null;
        return new ClaimRequest
        {
            HostId = host.Id,
            Flows = host.Identity.Flows,
            LastServed = _lastServed,
            Now = host.Now,
            Limit = Math.Min(ClaimsAtOnce, room),
        };
    }

    /// <summary>Remembers whose turn it was.</summary>
    internal void Note(IReadOnlyList<ClaimedRun> claimed)
    {
        if (_lastServed.Count >= MostPriorities)
            _lastServed.Clear();
        foreach (var run in claimed)
            _lastServed[run.Run.Priority] = run.Run.FairnessKey;
    }

    /// <summary>Counts a run that the host executes for nobody here, until it is done.</summary>
    internal void Enter() => Interlocked.Increment(ref _served);

    /// <summary>It is done, parked, or lost.</summary>
    /// <returns>Whether the host takes runs again and had been full.</returns>
    internal bool Leave() => Interlocked.Decrement(ref _served) == MostServed - 1;
}
