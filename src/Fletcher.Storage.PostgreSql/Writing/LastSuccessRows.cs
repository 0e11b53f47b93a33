using System.Collections.Concurrent;
using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Keeps the last success of each step of each flow. A small batch writes it only when the run is another than the last time: the reader looks
/// for newer ones within the run.
/// </summary>
/// <remarks>
/// Hosts that run the same flow want the same rows, and would wait for each other's commits. So a row that somebody else is writing is left to
/// him: of two that succeed at the same moment either may be the last.
/// </remarks>
internal sealed class LastSuccessRows(SchemaName schema, NameIds names)
{
    private const int SmallBatch = 16;
    private const int RememberedSteps = 4096;

    private readonly string _put =
        $"""
        WITH noted AS MATERIALIZED (
            SELECT r.flow_id, n.step_hash, n.run_id, n.sequence, row_number() OVER (PARTITION BY r.flow_id, n.step_hash ORDER BY n.place DESC) AS last
            FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) WITH ORDINALITY n (step_hash, run_id, sequence, place)
            JOIN {schema}.flow_runs r ON r.id = n.run_id
        ), free AS MATERIALIZED (
            SELECT l.flow_id, l.step_hash FROM {schema}.last_successes l
            WHERE (l.flow_id, l.step_hash) IN (SELECT flow_id, step_hash FROM noted) FOR NO KEY UPDATE SKIP LOCKED
        ), known AS (
            UPDATE {schema}.last_successes l SET
                previous_run_id = CASE WHEN l.run_id = n.run_id THEN l.previous_run_id ELSE l.run_id END,
                previous_sequence = CASE WHEN l.run_id = n.run_id THEN l.previous_sequence ELSE l.sequence END,
                run_id = n.run_id, sequence = n.sequence
            FROM noted n JOIN free f ON f.flow_id = n.flow_id AND f.step_hash = n.step_hash
            WHERE n.last = 1 AND l.flow_id = n.flow_id AND l.step_hash = n.step_hash
        )
        INSERT INTO {schema}.last_successes (flow_id, step_hash, run_id, sequence)
        SELECT n.flow_id, n.step_hash, n.run_id, n.sequence FROM noted n
        WHERE n.last = 1 AND NOT EXISTS (SELECT 1 FROM {schema}.last_successes l WHERE l.flow_id = n.flow_id AND l.step_hash = n.step_hash)
        ORDER BY n.flow_id, n.step_hash ON CONFLICT DO NOTHING
        """;

    private readonly ConcurrentDictionary<Guid, RunId> _written = new();

    /// <summary>Notes the successes among the step runs; the flow runs must be in the batch before.</summary>
    /// <returns>What to tell <see cref="Committed"/>.</returns>
    public IReadOnlyList<StepRunRecord> Put(NpgsqlBatch batch, IReadOnlyList<StepRunRecord> stepRuns)
    {
        // Of each run and step the last: a batch of one flow has few.
        Dictionary<(RunId, Guid), StepRunRecord>? noted = null;
        foreach (var run in stepRuns)
        {
            if (run.State != StepRunState.Completed)
                continue;
            var step = names.HashOf(run.Step);
            if (stepRuns.Count >= SmallBatch || !_written.TryGetValue(step, out var written) || written != run.RunId)
                (noted ??= [])[(run.RunId, step)] = run;
        }

        if (noted is null)
            return [];

        List<StepRunRecord> rows = [.. noted.Values];
        batch.Add(_put)
            .WithEach(rows, run => names.HashOf(run.Step))
            .WithEach(rows, static run => run.RunId.Value)
            .WithEach(rows, static run => run.Sequence);
        return rows;
    }

    /// <summary>Remembers what is in the store now. Not those of a run that the store does not have yet: it is noted when it comes.</summary>
    public void Committed(IReadOnlyList<StepRunRecord> noted, WriteBatch batch)
    {
        if (noted.Count == 0 || batch.FlowRuns.Count > 0 || batch.Leases.Count == 0)
            return;
        if (_written.Count >= RememberedSteps)
            _written.Clear();
        foreach (var run in noted)
        {
            if (batch.Leases.ContainsKey(run.RunId))
                _written[names.HashOf(run.Step)] = run.RunId;
        }
    }
}
