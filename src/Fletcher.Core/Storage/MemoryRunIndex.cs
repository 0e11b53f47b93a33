using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// Finds flow runs by what is asked at each start of a flow, without looking at all of them: those that did not finish, by
/// flow, parameters and host, and those that are open, due or completed, by <c>Once</c> key.
/// </summary>
internal sealed class MemoryRunIndex
{
    private readonly Dictionary<(string Flow, ContentHash Parameters), Dictionary<HostKey, HashSet<RunId>>> _unfinished = [];
    private readonly Dictionary<(string Flow, string OnceKey), SortedSet<RunId>> _once = [];

    public void Add(FlowRunRecord run)
    {
        if (IsUnfinished(run))
        {
            var key = (run.Flow, run.ParametersHash);
            if (!_unfinished.TryGetValue(key, out var hosts))
                _unfinished[key] = hosts = [];
            if (!hosts.TryGetValue(new HostKey(run.HostId), out var runs))
                hosts[new HostKey(run.HostId)] = runs = [];
            runs.Add(run.Id);
        }

        if (OnceKey(run) is { } onceKey)
        {
            if (!_once.TryGetValue((run.Flow, onceKey), out var runs))
                _once[(run.Flow, onceKey)] = runs = [];
            runs.Add(run.Id);
        }
    }

    /// <summary>Takes the run out again; pass the very record that was added.</summary>
    public void Remove(FlowRunRecord run)
    {
        if (IsUnfinished(run))
        {
            var key = (run.Flow, run.ParametersHash);
            var hosts = _unfinished[key];
            var runs = hosts[new HostKey(run.HostId)];
            runs.Remove(run.Id);
            if (runs.Count == 0)
                hosts.Remove(new HostKey(run.HostId));
            if (hosts.Count == 0)
                _unfinished.Remove(key);
        }

        if (OnceKey(run) is { } onceKey)
        {
            var runs = _once[(run.Flow, onceKey)];
            runs.Remove(run.Id);
            if (runs.Count == 0)
                _once.Remove((run.Flow, onceKey));
        }
    }

    public IEnumerable<RunId> Unfinished(string flow, ContentHash parameters, Guid exceptHost) =>
        _unfinished.TryGetValue((flow, parameters), out var hosts)
            ? hosts.Where(host => host.Key.Id != exceptHost).SelectMany(static host => host.Value)
            : [];

    public RunId? Once(string flow, string onceKey) =>
        _once.TryGetValue((flow, onceKey), out var runs) ? runs.Max : null;

    private static bool IsUnfinished(FlowRunRecord run) =>
        run.ParentRunId is null && run.State is not (FlowRunState.Completed or FlowRunState.Cancelled);

    private static string? OnceKey(FlowRunRecord run) => run.State <= FlowRunState.Completed || run.WakeAt is not null ? run.OnceKey : null;

    // A dictionary takes no null for a key.
    private readonly record struct HostKey(Guid? Id);
}
