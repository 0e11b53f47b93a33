using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Creates runs for hosts to take, unless a key says that there is one.</summary>
internal sealed class StartWriter(Connection connection, NameIds names, FlowRunWriter flowRuns, LedgerWriter ledger)
{
    internal const string FindSql =
        "SELECT k.run_id FROM start_keys k WHERE k.flow_id = ?1 AND k.kind = ?2 AND k.key = ?3";

    public List<StartedRun> Start(IReadOnlyList<RunStart> starts)
    {
        var started = new List<StartedRun>(starts.Count);
        foreach (var start in starts)
            started.Add(Start(start));
        ledger.EndBatch();
        return started;
    }

    private StartedRun Start(RunStart start)
    {
        var run = start.Run;
        var flowId = names.OfFlow(run.Flow);
        // Also of a run that is not kept any longer: what it was for has been done.
        if (FindRun(flowId, StartKeyKind.Idempotency, start.IdempotencyKey) is { } known)
            return new StartedRun(known, StartOutcome.Found);
        if (Find(flowId, StartKeyKind.Deduplication, start.DeduplicationKey) is { IsOver: false } open)
            return new StartedRun(open.Id, StartOutcome.Found);
        if (run.OnceKey is not null && FlowRunReader.FindOnce(connection, run.Flow, run.OnceKey) is { } done)
            return new StartedRun(done.Id, StartOutcome.Found);

        var outcome = StartOutcome.Created;
        if (Find(flowId, StartKeyKind.Debounce, start.DebounceKey) is { CanBeReplacedByStart: true } waiting)
        {
            run = run with { Id = waiting.Id, RootRunId = waiting.Id, CreatedAt = waiting.CreatedAt, Fence = waiting.Fence + 1 };
            outcome = StartOutcome.Replaced;
        }

        flowRuns.Put(run);
        if (start.Entry is { } entry)
            ledger.Add(entry with { RunId = run.Id });
        Note(flowId, StartKeyKind.Idempotency, start.IdempotencyKey, run.Id);
        Note(flowId, StartKeyKind.Deduplication, start.DeduplicationKey, run.Id);
        Note(flowId, StartKeyKind.Debounce, start.DebounceKey, run.Id);
        return new StartedRun(run.Id, outcome);
    }

    private FlowRunRecord? Find(long flowId, StartKeyKind kind, string? key) =>
        FindRun(flowId, kind, key) is { } run ? FlowRunReader.Get(connection, run) : null;

    private RunId? FindRun(long flowId, StartKeyKind kind, string? key) => key is null
        ? null
        : connection.Prepare(FindSql).Bind(1, flowId).Bind(2, (long)kind).Bind(3, key).QuerySingle(static row => row.GetRunIdOrNull(0));

    private void Note(long flowId, StartKeyKind kind, string? key, RunId run)
    {
        if (key is null)
            return;
        connection.Prepare("INSERT OR REPLACE INTO start_keys (flow_id, kind, key, run_id) VALUES (?1, ?2, ?3, ?4)")
            .Bind(1, flowId).Bind(2, (long)kind).Bind(3, key).Bind(4, run).Execute();
    }
}
