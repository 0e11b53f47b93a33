using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>What lets go of the runs of a <see cref="MemoryStore"/>. It shares that one's lock, and looks through all runs: they are in memory.</summary>
internal sealed class MemoryRetention(
    Lock gate, Dictionary<RunId, MemoryRun> runs, MemoryStartKeys keys, Dictionary<(string Step, ContentHash Key), CacheEntry> cache, Dictionary<Guid, HostRecord> hosts,
    Action<FlowRunRecord> remove, Func<Guid, bool> hasRuns) : IRetentionStore
{
    private readonly Dictionary<string, RetentionPolicy> _policies = new(StringComparer.Ordinal);
    private readonly HashSet<RunId> _pruned = [];
    private DateTimeOffset? _turnAt;

    public ValueTask<bool> TryTakeTurnAsync(DateTimeOffset now, TimeSpan every, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (_turnAt is { } last && now - last < every && last <= now)
                return new(false);
            _turnAt = now;
            return new(true);
        }
    }

    public ValueTask PutPoliciesAsync(IReadOnlyDictionary<string, RetentionPolicy> policies, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(policies);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            foreach (var (flow, policy) in policies)
                _policies[flow] = policy;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyDictionary<string, RetentionPolicy?>> GetPoliciesAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return new(runs.Values.Select(static run => run.Run?.Flow).OfType<string>().Concat(_policies.Keys).Distinct(StringComparer.Ordinal)
                .ToDictionary(static flow => flow, _policies.GetValueOrDefault, StringComparer.Ordinal));
        }
    }

    public ValueTask<EndedPlace?> FindPlaceAsync(string flow, RetentionKind kind, int skip, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            return new(Ended(flow, kind).OrderDescending().Skip(skip).Select(static place => (EndedPlace?)place).FirstOrDefault());
    }

    public ValueTask<PrunedRuns> PruneAsync(PruneRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Limit, 1, "request.Limit");
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            var looked = Ended(request.Flow, request.Kind).Order()
                .Where(place => place <= request.Through && (request.After is not { } after || place > after)).Take(request.Limit).ToList();
            if (looked.Count == 0)
                return new(new PrunedRuns([], 0, null));
            var all = runs.Values.Select(static kept => kept.Run).OfType<FlowRunRecord>();
            var forked = all.Select(static run => run.ForkedFrom).OfType<RunId>().ToHashSet();
            var members = all.Where(static run => run.RootRunId != run.Id).ToLookup(static run => run.RootRunId);
            var free = looked.Where(place => !IsNeeded(runs[place.Run].Run!, request.Kind, forked, members)).ToList();
            foreach (var place in request.DryRun ? [] : free)
                Prune(members[place.Run].Append(runs[place.Run].Run!), request.Now);
            return new(new PrunedRuns(free, looked.Count - free.Count, looked.Count == request.Limit ? looked[^1] : null));
        }
    }

    public ValueTask<int> DropAsync(DateTimeOffset now, CancellationToken cancellationToken) => new(0);

    /// <summary>There is nothing left to delete, but now they count as wholly deleted.</summary>
    public ValueTask<ClearedRows> ClearAsync(int rows, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            _pruned.Clear();
        return new(default(ClearedRows));
    }

    public ValueTask<Forgotten> ForgetAsync(ForgetRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            var old = cache.Where(entry => entry.Value.MadeAt < request.CachedBefore).Select(static entry => entry.Key).ToList();
            var gone = hosts.Values.Where(host => (host.EndedAt ?? host.HeartbeatAt) < request.HostsBefore && !hasRuns(host.Id)).Select(static host => host.Id).ToList();
            var count = new Forgotten(keys.CountPruned(request.KeysBefore), old.Count, gone.Count, IsMore: false);
            if (request.DryRun)
                return new(count);
            keys.Forget(request.KeysBefore);
            old.ForEach(key => cache.Remove(key));
            gone.ForEach(host => hosts.Remove(host));
            return new(count);
        }
    }

    public ValueTask<DateTimeOffset?> GetKeysForgottenAsync(string flow, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        lock (gate)
            return new(keys.Forgotten(flow));
    }

    public ValueTask<GivenBack> GiveBackAsync(CancellationToken cancellationToken) => new(default(GivenBack));

    public ValueTask CompactAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private IEnumerable<EndedPlace> Ended(string flow, RetentionKind kind) => runs.Values.Select(static kept => kept.Run)
        .Where(run => run is { IsOver: true, EndedAt: not null } && run.RootRunId == run.Id && run.Flow == flow && KindOf(run) == kind)
        .Select(static run => new EndedPlace(run!.EndedAt!.Value, run.Id));

    private static RetentionKind KindOf(FlowRunRecord run) => run.State switch
    {
        FlowRunState.Failed or FlowRunState.Crashed => RetentionKind.Failed,
        FlowRunState.Completed when run.OnceKey is not null => RetentionKind.Once,
        _ => RetentionKind.Good,
    };

    private bool IsNeeded(FlowRunRecord run, RetentionKind kind, HashSet<RunId> forked, ILookup<RunId, FlowRunRecord> members) =>
        (run.ParentRunId is { } parent && (runs.ContainsKey(parent) || _pruned.Contains(parent)))
        || forked.Contains(run.Id)
        || (kind != RetentionKind.Once && members[run.Id].Any(static member => member is { OnceKey: not null, State: FlowRunState.Completed }));

    private void Prune(IEnumerable<FlowRunRecord> family, DateTimeOffset now)
    {
        foreach (var run in family)
        {
            remove(run);
            keys.Prune(run, now);
            _pruned.Add(run.Id);
        }
    }
}
