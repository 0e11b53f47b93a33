using Fletcher.Model;

namespace Fletcher.Storage.PostgreSql;

/// <summary>What becomes of runs that are to be started together: each sees those before it.</summary>
internal sealed class StartPlan
{
    private readonly IReadOnlyList<RunStart> _starts;
    private readonly Dictionary<string, int> _flows;
    private readonly Dictionary<Guid, FlowRunRecord> _holders = [];
    private readonly Dictionary<Guid, RunId> _pruned = [];

    /// <param name="starts">What is to be started.</param>
    /// <param name="flows">The numbers of their flows.</param>
    public StartPlan(IReadOnlyList<RunStart> starts, Dictionary<string, int> flows)
    {
        (_starts, _flows) = (starts, flows);
        Keys = [.. starts.SelectMany(KeysOf).DistinctBy(static key => key.Hash)];
        KeyHashes = [.. Keys.Select(static key => key.Hash)];
        OnceHashes = [.. starts.Select(static start => FlowRunRows.OnceHash(start.Run)).OfType<Guid>().Distinct()];
    }

    /// <summary>The keys, each once.</summary>
    public IReadOnlyList<StartKey> Keys { get; }

    public Guid[] KeyHashes { get; }

    public Guid[] OnceHashes { get; }

    public bool HasKeys => Keys.Count + OnceHashes.Length > 0;

    /// <summary>All that may be written, if no key says otherwise.</summary>
    public WriteBatch AllRuns
    {
        get
        {
            var batch = new WriteBatch();
            batch.FlowRuns.AddRange(_starts.Select(static start => start.Run));
            return batch;
        }
    }

    /// <summary>What became of each, when it was decided.</summary>
    public List<StartedRun> Started { get; } = [];

    /// <summary>Which run has a key by now, for those keys of which that changes.</summary>
    public Dictionary<Guid, RunId> Noted { get; } = [];

    /// <summary>Whether each made the run that it names: so this need not be noted.</summary>
    public bool IsAllCreated => Started.TrueForAll(static run => run.IsCreated);

    public bool IsAnythingNew => Started.Exists(static run => run.Outcome != StartOutcome.Found);

    /// <summary>Says which run has a key, by the hash of a start's or a Once key.</summary>
    public void Know(Guid hash, FlowRunRecord run) => _holders[hash] = run;

    /// <summary>Says which run had an idempotency key, and is not kept any longer.</summary>
    public void KnowPruned(Guid hash, RunId run) => _pruned[hash] = run;

    /// <summary>Decides about each, in order.</summary>
    /// <returns>What is to be written.</returns>
    public WriteBatch Decide()
    {
        var written = new WriteBatch();
        foreach (var start in _starts)
            Started.Add(Decide(start, written));
        return written;
    }

    /// <summary>What became of each, if each was created.</summary>
    public IReadOnlyList<StartedRun> AsIfCreated() => [.. _starts.Select(static start => new StartedRun(start.Run.Id, StartOutcome.Created))];

    private StartedRun Decide(RunStart start, WriteBatch written)
    {
        var run = start.Run;
        if (Find(start, StartKeyKind.Idempotency, start.IdempotencyKey) is { } known)
            return new StartedRun(known.Id, StartOutcome.Found);
        // What it was for has been done.
        if (start.IdempotencyKey is { } given && _pruned.TryGetValue(HashOf(run.Flow, StartKeyKind.Idempotency, given), out var pruned))
            return new StartedRun(pruned, StartOutcome.Found);
        if (Find(start, StartKeyKind.Deduplication, start.DeduplicationKey) is { IsOver: false } open)
            return new StartedRun(open.Id, StartOutcome.Found);
        if (FlowRunRows.OnceHash(run) is { } once && _holders.TryGetValue(once, out var done))
            return new StartedRun(done.Id, StartOutcome.Found);

        var outcome = StartOutcome.Created;
        if (Find(start, StartKeyKind.Debounce, start.DebounceKey) is { CanBeReplacedByStart: true } waiting)
        {
            run = run with { Id = waiting.Id, RootRunId = waiting.Id, CreatedAt = waiting.CreatedAt, Fence = waiting.Fence + 1 };
            outcome = StartOutcome.Replaced;
            Replace(run);
        }

        written.FlowRuns.Add(run);
        if (start.Entry is { } entry)
            written.Ledger.Add(entry with { RunId = run.Id });
        foreach (var key in KeysOf(start))
        {
            Noted[key.Hash] = run.Id;
            _holders[key.Hash] = run;
        }

        if (FlowRunRows.OnceHash(run) is { } hash)
            _holders[hash] = run;
        return new StartedRun(run.Id, outcome);
    }

    /// <summary>Whoever has a key and is replaced is another now; its Once key it has no more.</summary>
    private void Replace(FlowRunRecord run)
    {
        foreach (var (hash, _) in _holders.Where(holder => holder.Value.Id == run.Id).ToList())
        {
            if (Array.IndexOf(OnceHashes, hash) >= 0)
                _holders.Remove(hash);
            else
                _holders[hash] = run;
        }
    }

    private FlowRunRecord? Find(RunStart start, StartKeyKind kind, string? key) =>
        key is not null && _holders.TryGetValue(HashOf(start.Run.Flow, kind, key), out var run) ? run : null;

    private IEnumerable<StartKey> KeysOf(RunStart start)
    {
        var flow = start.Run.Flow;
        if (start.IdempotencyKey is { } idempotency)
            yield return new StartKey(HashOf(flow, StartKeyKind.Idempotency, idempotency), _flows[flow], StartKeyKind.Idempotency, idempotency);
        if (start.DeduplicationKey is { } deduplication)
            yield return new StartKey(HashOf(flow, StartKeyKind.Deduplication, deduplication), _flows[flow], StartKeyKind.Deduplication, deduplication);
        if (start.DebounceKey is { } debounce)
            yield return new StartKey(HashOf(flow, StartKeyKind.Debounce, debounce), _flows[flow], StartKeyKind.Debounce, debounce);
    }

    internal static Guid HashOf(string flow, StartKeyKind kind, string key) => Texts.Hash($"{(int)kind}:{flow.Length}:{flow}{key}");
}
