using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>Which run was started with a key, in a <see cref="MemoryStore"/>.</summary>
internal sealed class MemoryStartKeys
{
    private readonly Dictionary<(string Flow, StartKeyKind Kind, string Key), RunId> _runs = [];
    private readonly Dictionary<RunId, List<(string Flow, StartKeyKind Kind, string Key)>> _keys = [];
    private readonly Dictionary<RunId, (DateTimeOffset CreatedAt, DateTimeOffset PrunedAt)> _pruned = [];
    private readonly Dictionary<string, DateTimeOffset> _forgotten = new(StringComparer.Ordinal);

    public RunId? Find(string flow, StartKeyKind kind, string key) => _runs.TryGetValue((flow, kind, key), out var run) ? run : null;

    public void Note(string flow, StartKeyKind kind, string key, RunId run)
    {
        var name = (flow, kind, key);
        if (_runs.TryGetValue(name, out var before) && _keys.TryGetValue(before, out var others))
            others.Remove(name);
        _runs[name] = run;
        if (!_keys.TryGetValue(run, out var keys))
            _keys[run] = keys = [];
        keys.Add(name);
    }

    /// <summary>The run is not kept any longer; its idempotency keys are.</summary>
    public void Prune(FlowRunRecord run, DateTimeOffset now)
    {
        if (!_keys.TryGetValue(run.Id, out var keys))
            return;
        foreach (var key in keys.Where(static key => key.Kind != StartKeyKind.Idempotency).ToList())
        {
            keys.Remove(key);
            _runs.Remove(key);
        }

        if (keys.Count == 0)
            _keys.Remove(run.Id);
        else
            _pruned[run.Id] = (run.CreatedAt, now);
    }

    /// <summary>How many keys there are of runs that were pruned before an instant.</summary>
    public int CountPruned(DateTimeOffset before) => _pruned.Where(run => run.Value.PrunedAt < before).Sum(run => _keys[run.Key].Count);

    /// <summary>Forgets the keys of runs that were pruned before an instant.</summary>
    public void Forget(DateTimeOffset before)
    {
        foreach (var (run, pruned) in _pruned.Where(run => run.Value.PrunedAt < before).ToList())
        {
            _pruned.Remove(run);
            _keys.Remove(run, out var keys);
            foreach (var key in keys!)
            {
                _runs.Remove(key);
                if (!_forgotten.TryGetValue(key.Flow, out var last) || last < pruned.CreatedAt)
                    _forgotten[key.Flow] = pruned.CreatedAt;
            }
        }
    }

    /// <summary>When the newest run of a flow was created whose key was forgotten.</summary>
    public DateTimeOffset? Forgotten(string flow) => _forgotten.TryGetValue(flow, out var at) ? at : null;
}
