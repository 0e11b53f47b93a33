using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Who may have a run, and when the next may be had.</summary>
internal sealed class RunClaims(Server server, Receipts receipts)
{
    private readonly string _tryClaim =
        $"""
        SELECT {FlowRunReader.Columns} FROM {server.Schema}.try_claim($1, $2, $3, $4, $5, $6, $7, $8, $9) r JOIN {server.Schema}.flows f ON f.id = r.flow_id
        """;

    private readonly string _claimDue =
        $"""
        SELECT {FlowRunReader.Columns.Replace("r.", "(c.run).", StringComparison.Ordinal)}, c.from_state, c.from_reason
        FROM {server.Schema}.claim_due($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) c JOIN {server.Schema}.flows f ON f.id = (c.run).flow_id
        """;

    private readonly string _nextWake = $"SELECT {server.Schema}.next_wake($1, $2, $3, $4, $5)";
    private readonly string _look = $"SELECT {server.Schema}.look_for_work($1, $2, $3, $4, $5)";

    private readonly FlowRunReader _flowRuns = new(server.Schema);

    public ValueTask<FlowRunRecord?> TryClaimAsync(
        RunId run, RunVersion expected, Guid hostId, DateTimeOffset now, CancellationToken cancellationToken) => server.RunAsync(
            (Claims: this, run, expected, hostId, now),
            static (attempt, claim, _) => claim.Claims.TryClaimAsync(attempt, claim.run, claim.expected, claim.hostId, claim.now),
            new Attempts(),
            cancellationToken);

    public async ValueTask<IReadOnlyList<ClaimedRun>> ClaimDueAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        var asked = new Asked(request);
        // Hosts ask often, and mostly there is nothing: then nothing is written.
        if (!(await FirstAsync(_look, asked, cancellationToken).ConfigureAwait(false) <= request.Now))
            return [];

        var receipt = receipts.Take();
        var claimed = await server.RunAsync(
            (Claims: this, asked, receipt),
            static (attempt, q, _) => q.Claims.ClaimDueAsync(attempt.Connection, q.asked, q.receipt),
            new Attempts(),
            cancellationToken).ConfigureAwait(false);

        // Not after an error: the server may still have it, and must find its number taken when it comes to it.
        receipts.GiveBack(receipt);
        return claimed;
    }

    public async ValueTask<DateTimeOffset?> NextWakeAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        var first = await FirstAsync(_nextWake, new Asked(request), cancellationToken).ConfigureAwait(false);
        // The database's instants are coarser.
        return first <= request.Now ? request.Now : first;
    }

    private async ValueTask<FlowRunRecord?> TryClaimAsync(Attempt attempt, RunId run, RunVersion expected, Guid hostId, DateTimeOffset now)
    {
        var batch = new NpgsqlBatch(attempt.Connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_tryClaim)
                .With(run.Value).WithVersion(expected).With(hostId).With(now.ToDatabase());
            var claimed = await batch.QueryAsync(FlowRunReader.Map, CancellationToken.None).ConfigureAwait(false);
            if (claimed is [var one])
                return one;
        }

        if (!attempt.MayBeDone)
            return null;

        // The attempt before this one may have got it: then nobody else can have written this fence.
        var found = await _flowRuns.GetAsync(attempt.Connection, run, CancellationToken.None).ConfigureAwait(false);
        return found is not null && found.Version == (expected with { Fence = expected.Fence + 1, State = FlowRunState.Running, HostId = hostId }) ? found : null;
    }

    private async ValueTask<List<ClaimedRun>> ClaimDueAsync(NpgsqlConnection connection, Asked asked, Receipt receipt)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_claimDue)
                .With(receipts.Writer).With(receipt.Lane).With(receipt.Number).With(asked.Request.HostId)
                .With(asked.Flows).With(asked.WithRoom).With(asked.Rooms).With(asked.Queues).With(asked.Labels)
                .With(asked.LastPriorities).With(asked.LastKeys).With(asked.Request.Now.ToDatabase()).With(asked.Request.Limit);
            return await batch.QueryAsync(
                static row => new ClaimedRun(
                    FlowRunReader.Map(row), (FlowRunState)row.GetInt16(FlowRunReader.ColumnCount), row.TextOrNull(FlowRunReader.ColumnCount + 1)),
                CancellationToken.None).ConfigureAwait(false);
        }
    }

    private ValueTask<DateTimeOffset?> FirstAsync(string sql, Asked asked, CancellationToken cancellationToken) => server.RunAsync(
        (sql, asked),
        static async (connection, q, token) =>
        {
            var batch = new NpgsqlBatch(connection);
            await using (batch.ConfigureAwait(false))
            {
                batch.Add(q.sql)
                    .With(q.asked.Flows).With(q.asked.WithRoom).With(q.asked.Queues).With(q.asked.Labels).With(q.asked.Request.Now.ToDatabase());
                return (await batch.QueryAsync(static row => row.InstantOrNull(0), token).ConfigureAwait(false))[0];
            }
        },
        cancellationToken);

    /// <summary>What a host asks for, as the database's functions take it.</summary>
    private sealed class Asked
    {
        public Asked(ClaimRequest request)
        {
            Request = request;
            string[] flows = [.. request.Flows.Distinct(StringComparer.Ordinal)];
            string[] withRoom = [.. flows.Where(flow => request.Room.GetValueOrDefault(flow, 1) > 0)];
            Flows = [.. flows.Select(Texts.Hash)];
            WithRoom = [.. withRoom.Select(Texts.Hash)];
            Rooms = [.. withRoom.Select(flow => request.Room.TryGetValue(flow, out var room) ? room : (int?)null)];
            Queues = [.. request.Queues.Select(static queue => Texts.Encode(queue)!)];
            Labels = [.. request.Labels.Select(static label => Texts.Encode(label)!)];
            LastPriorities = [.. request.LastServed.Keys];
            LastKeys = [.. request.LastServed.Values.Select(static key => Texts.Encode(key)!)];
        }

        public ClaimRequest Request { get; }

        public Guid[] Flows { get; }

        /// <summary>Those of the flows of which it takes any.</summary>
        public Guid[] WithRoom { get; }

        /// <summary>How many of each; null for any number.</summary>
        public int?[] Rooms { get; }

        public string[] Queues { get; }

        public string[] Labels { get; }

        public int[] LastPriorities { get; }

        public string[] LastKeys { get; }
    }
}
