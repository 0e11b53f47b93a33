using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// Finds, without looking at all runs, what has to do with who has a family: the open roots that a host has, the roots that wait
/// for a host and when they are due, the open sub-flows of a root.
/// </summary>
internal sealed class MemoryOwnerIndex
{
    private static readonly RunId LastId = new(Guid.AllBitsSet);

    private readonly Dictionary<Guid, SortedSet<RunId>> _hosts = [];
    private readonly Dictionary<string, List<MemoryLane>> _lanes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<RunId>> _queued = new(StringComparer.Ordinal);
    private readonly Dictionary<RunId, SortedSet<RunId>> _members = [];

    /// <summary>The hosts that have open runs.</summary>
    public IReadOnlyList<Guid> Hosts => [.. _hosts.Keys];

    public void Add(FlowRunRecord run)
    {
        if (OwnerOf(run) is { } host)
            Add(_hosts, host, run.Id);
        if (DueAt(run) is { } at)
            LaneOf(run).Add(run, at);
        if (IsQueued(run))
            Add(_queued, run.Flow, run.Id);
        if (IsOpenMember(run))
            Add(_members, run.RootRunId, run.Id);
    }

    /// <summary>Takes the run out again; pass the very record that was added.</summary>
    public void Remove(FlowRunRecord run)
    {
        if (OwnerOf(run) is { } host)
            Remove(_hosts, host, run.Id);
        if (DueAt(run) is { } at)
            LaneOf(run).Remove(run, at);
        if (IsQueued(run))
            Remove(_queued, run.Flow, run.Id);
        if (IsOpenMember(run))
            Remove(_members, run.RootRunId, run.Id);
    }

    /// <summary>The open roots of a host after an id, by id.</summary>
    public IEnumerable<RunId> RunsOf(Guid host, RunId after) => _hosts.TryGetValue(host, out var runs) && after < LastId
        ? runs.GetViewBetween(after, LastId).Where(run => run > after)
        : [];

    /// <summary>The runs of a flow that wait for a host, by queue and labels.</summary>
    public IReadOnlyList<MemoryLane> Lanes(string flow) => _lanes.TryGetValue(flow, out var lanes) ? lanes : [];

    /// <summary>The runs of a flow that wait in state <see cref="FlowRunState.Queued"/> without a host.</summary>
    public IEnumerable<RunId> Queued(string flow) => _queued.GetValueOrDefault(flow, []);

    /// <summary>The sub-flows in a root's family that have not ended.</summary>
    public IEnumerable<RunId> OpenMembers(RunId root) => _members.GetValueOrDefault(root, []);

    private MemoryLane LaneOf(FlowRunRecord run)
    {
        if (!_lanes.TryGetValue(run.Flow, out var lanes))
            _lanes[run.Flow] = lanes = [];
        var lane = lanes.Find(lane => lane.Is(run.Queue, run.Labels));
        if (lane is null)
            lanes.Add(lane = new MemoryLane(run.Queue, run.Labels));
        return lane;
    }

    private static bool IsRoot(FlowRunRecord run) => run.RootRunId == run.Id;

    private static Guid? OwnerOf(FlowRunRecord run) => IsRoot(run) && !run.State.IsEnd() ? run.HostId : null;

    /// <summary>When a run is due that waits for a host; null when it never is by itself, and when it does not wait for one.</summary>
    public static DateTimeOffset? DueAt(FlowRunRecord run) =>
        IsRoot(run) && run.HostId is null && run.State != FlowRunState.Completed ? run.WakeAt : null;

    private static bool IsQueued(FlowRunRecord run) => IsRoot(run) && run.HostId is null && run.State == FlowRunState.Queued;

    private static bool IsOpenMember(FlowRunRecord run) => !IsRoot(run) && !run.State.IsEnd();

    private static void Add<TKey, TValue>(Dictionary<TKey, SortedSet<TValue>> sets, TKey key, TValue value)
        where TKey : notnull
    {
        if (!sets.TryGetValue(key, out var set))
            sets[key] = set = [];
        set.Add(value);
    }

    private static void Remove<TKey, TValue>(Dictionary<TKey, SortedSet<TValue>> sets, TKey key, TValue value)
        where TKey : notnull
    {
        var set = sets[key];
        set.Remove(value);
        if (set.Count == 0)
            sets.Remove(key);
    }
}
