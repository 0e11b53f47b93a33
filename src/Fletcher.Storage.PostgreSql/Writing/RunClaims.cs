using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Who may have a run, and when the next may be had.</summary>
internal sealed class RunClaims(Server server, Receipts receipts)
{
    private readonly string _tryClaim =
        $"""
        SELECT {FlowRunReader.Columns} FROM {server.Schema}.try_claim($1, $2, $3, $4, $5, $6) r JOIN {server.Schema}.flows f ON f.id = r.flow_id
        """;

    private readonly string _claimDue =
        $"""
        SELECT {FlowRunReader.Columns.Replace("r.", "(c.run).", StringComparison.Ordinal)}, c.from_state, c.from_reason
        FROM {server.Schema}.claim_due($1, $2, $3, $4, $5, $6, $7) c JOIN {server.Schema}.flows f ON f.id = (c.run).flow_id
        """;

    // Flow by flow, each one row of an index: neither runs of other flows, nor those of paused ones, nor those that are not due are looked at.
    private readonly string _nextWake =
        $"""
        SELECT min(w.wake_at) FROM (
            SELECT (SELECT q.wake_at FROM {server.Schema}.queue q WHERE q.flow_id = f.id AND q.wake_at IS NOT NULL ORDER BY q.wake_at LIMIT 1)
            FROM {server.Schema}.flows f
            WHERE f.name_hash = ANY($1) AND NOT EXISTS (SELECT 1 FROM {server.Schema}.paused_flows p WHERE p.flow_id = f.id)
            UNION ALL
            SELECT q.wake_at
            FROM {server.Schema}.messages m
            JOIN {server.Schema}.queue q ON q.run_id = m.root_run_id
            JOIN {server.Schema}.paused_flows p ON p.flow_id = q.flow_id
            JOIN {server.Schema}.flows f ON f.id = q.flow_id AND f.name_hash = ANY($1)
            WHERE m.taken_by = 0 AND m.kind = 2 AND m.run_id = m.root_run_id AND q.wake_at IS NOT NULL AND (q.state < 10 OR q.state = 13)
        ) w (wake_at)
        """;

    private readonly FlowRunReader _flowRuns = new(server.Schema);

    public ValueTask<FlowRunRecord?> TryClaimAsync(
        RunId run, RunVersion expected, Guid hostId, DateTimeOffset now, CancellationToken cancellationToken) => server.RunAsync(
            (Claims: this, run, expected, hostId, now),
            static (attempt, claim, _) => claim.Claims.TryClaimAsync(attempt, claim.run, claim.expected, claim.hostId, claim.now),
            new Attempts(),
            cancellationToken);

    public async ValueTask<IReadOnlyList<ClaimedRun>> ClaimDueAsync(
        Guid hostId, IReadOnlyCollection<string> flows, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var hashes = Hashes(flows);
        // Hosts ask often, and mostly there is nothing: then nothing is written.
        if (await NextWakeAsync(hashes, cancellationToken).ConfigureAwait(false) is not { } first || first > now)
            return [];

        var receipt = receipts.Take();
        var claimed = await server.RunAsync(
            (Claims: this, hostId, hashes, now, limit, receipt),
            static (attempt, q, _) => q.Claims.ClaimDueAsync(attempt.Connection, q.hostId, q.hashes, q.now, q.limit, q.receipt),
            new Attempts(),
            cancellationToken).ConfigureAwait(false);

        // Not after an error: the server may still have it, and must find its number taken when it comes to it.
        receipts.GiveBack(receipt);
        return claimed;
    }

    public ValueTask<DateTimeOffset?> NextWakeAsync(IReadOnlyCollection<string> flows, CancellationToken cancellationToken) =>
        NextWakeAsync(Hashes(flows), cancellationToken);

    private async ValueTask<FlowRunRecord?> TryClaimAsync(Attempt attempt, RunId run, RunVersion expected, Guid hostId, DateTimeOffset now)
    {
        var batch = new NpgsqlBatch(attempt.Connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_tryClaim)
                .With(run.Value).With(expected.Fence).With((short)expected.State).With(expected.HostId).With(hostId).With(now.ToDatabase());
            var claimed = await batch.QueryAsync(FlowRunReader.Map, CancellationToken.None).ConfigureAwait(false);
            if (claimed is [var one])
                return one;
        }

        if (!attempt.MayBeDone)
            return null;

        // The attempt before this one may have got it: then nobody else can have written this fence.
        var found = await _flowRuns.GetAsync(attempt.Connection, run, CancellationToken.None).ConfigureAwait(false);
        return found is not null && found.Version == new RunVersion(expected.Fence + 1, FlowRunState.Running, hostId) ? found : null;
    }

    private async ValueTask<List<ClaimedRun>> ClaimDueAsync(
        NpgsqlConnection connection, Guid hostId, Guid[] flows, DateTimeOffset now, int limit, Receipt receipt)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_claimDue)
                .With(receipts.Writer).With(receipt.Lane).With(receipt.Number).With(hostId).With(flows).With(now.ToDatabase()).With(limit);
            return await batch.QueryAsync(
                static row => new ClaimedRun(FlowRunReader.Map(row), (FlowRunState)row.GetInt16(35), row.TextOrNull(36)),
                CancellationToken.None).ConfigureAwait(false);
        }
    }

    private ValueTask<DateTimeOffset?> NextWakeAsync(Guid[] flows, CancellationToken cancellationToken) => server.RunAsync(
        (_nextWake, flows),
        static async (connection, q, token) =>
        {
            var batch = new NpgsqlBatch(connection);
            await using (batch.ConfigureAwait(false))
            {
                batch.Add(q._nextWake).With(q.flows);
                return (await batch.QueryAsync(static row => row.InstantOrNull(0), token).ConfigureAwait(false))[0];
            }
        },
        cancellationToken);

    private static Guid[] Hashes(IReadOnlyCollection<string> flows) => [.. flows.Select(Texts.Hash)];
}
