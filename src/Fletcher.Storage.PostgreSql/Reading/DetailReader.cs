using Fletcher.Model;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Reads what hangs on runs: ledger, logs, artifacts; and cached results.</summary>
internal sealed class DetailReader(SchemaName schema)
{
    private readonly string _ledger =
        $"""
        SELECT run_id, sequence, at, from_state, to_state, actor, reason, next FROM {schema}.ledger_entries WHERE run_id = $1 ORDER BY number
        """;

    private readonly string _logs =
        $"SELECT run_id, sequence, attempt, at, level, category, message FROM {schema}.log_lines WHERE run_id = $1";

    private readonly string _artifacts =
        $"""
        SELECT run_id, sequence, key, kind, at, content FROM {schema}.artifacts WHERE run_id = $1 ORDER BY at, sequence, key COLLATE "C"
        """;

    private readonly string _cached =
        $"""
        SELECT step, key, source_hash, run_id, sequence, made_at, result_format, result, result_hash, result_length
        FROM {schema}.cached_results WHERE step_hash = $1 AND key = $2
        """;

    public async ValueTask<List<LedgerEntry>> LedgerAsync(NpgsqlConnection connection, RunId run, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_ledger).With(run.Value);
            return await batch.QueryAsync(
                static row => new LedgerEntry
                {
                    RunId = row.Run(0),
                    Sequence = row.GetInt32(1),
                    At = row.Instant(2),
                    From = row.TextOrNull(3),
                    To = row.Text(4),
                    Actor = row.Text(5),
                    Reason = row.Text(6),
                    Next = row.TextOrNull(7),
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<List<LogLine>> LogsAsync(
        NpgsqlConnection connection, RunId run, int? sequence, int limit, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            var command = sequence is null
                ? batch.Add(_logs + " ORDER BY number DESC LIMIT $2").With(run.Value).With(limit)
                : batch.Add(_logs + " AND sequence = $3 ORDER BY number DESC LIMIT $2").With(run.Value).With(limit).With(sequence.Value);
            _ = command;
            var lines = await batch.QueryAsync(
                static row => new LogLine
                {
                    RunId = row.Run(0),
                    Sequence = row.GetInt32(1),
                    Attempt = row.GetInt32(2),
                    At = row.Instant(3),
                    Level = (LogLevel)row.GetInt16(4),
                    Category = row.Text(5),
                    Message = row.Text(6),
                },
                cancellationToken).ConfigureAwait(false);
            lines.Reverse();
            return lines;
        }
    }

    public async ValueTask<List<ArtifactRecord>> ArtifactsAsync(NpgsqlConnection connection, RunId run, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_artifacts).With(run.Value);
            return await batch.QueryAsync(
                static row => new ArtifactRecord
                {
                    RunId = row.Run(0),
                    Sequence = row.GetInt32(1),
                    Key = row.Text(2),
                    Kind = (ArtifactKind)row.GetInt16(3),
                    At = row.Instant(4),
                    Content = row.Text(5),
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<CacheEntry?> CachedAsync(NpgsqlConnection connection, string step, ContentHash key, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_cached).With(Texts.Hash(step)).With(key.ToGuid());
            var found = await batch.QueryAsync(
                static row => new CacheEntry
                {
                    Step = row.Text(0),
                    Key = row.Hash(1),
                    SourceHash = row.TextOrNull(2),
                    RunId = row.Run(3),
                    Sequence = row.GetInt32(4),
                    MadeAt = row.Instant(5),
                    Result = row.Value(6),
                },
                cancellationToken).ConfigureAwait(false);
            return found.FirstOrDefault();
        }
    }
}
