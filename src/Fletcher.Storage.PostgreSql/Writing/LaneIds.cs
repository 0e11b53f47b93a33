using System.Collections.Concurrent;
using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// The numbers that stand for a queue with a set of labels. Like names (<see cref="NameIds"/>) they are made in a transaction of their own, before the
/// one that needs them, and are as many as the program names.
/// </summary>
internal sealed class LaneIds(SchemaName schema)
{
    private readonly string _make =
        $"""
        INSERT INTO {schema}.lanes (hash, queue, labels) SELECT $1, $2, $3
        WHERE NOT EXISTS (SELECT 1 FROM {schema}.lanes l WHERE l.hash = $1) ON CONFLICT DO NOTHING
        """;

    private readonly string _find = $"SELECT hash, id FROM {schema}.lanes WHERE hash = ANY($1)";

    private readonly ConcurrentDictionary<(string Queue, string Labels), int> _known = new();

    /// <summary>Looks up, and makes, what runs need, so that <see cref="Of"/> knows it.</summary>
    public async ValueTask PrepareAsync(NpgsqlConnection connection, IReadOnlyList<FlowRunRecord> runs)
    {
        SortedDictionary<Guid, FlowRunRecord>? missing = null;
        foreach (var run in runs)
        {
            if (!IsDefault(run) && !_known.ContainsKey(Key(run)))
                (missing ??= [])[Hash(run)] = run;
        }

        if (missing is null)
            return;
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            // In the order of the hashes, as others may make the same.
            foreach (var (hash, run) in missing)
                batch.Add(_make).With(hash).With(Texts.Encode(run.Queue)).With<string[]>([.. run.Labels.Select(static label => Texts.Encode(label)!)]);
            batch.Add(_find).With<Guid[]>([.. missing.Keys]);
            foreach (var (hash, id) in await batch.QueryAsync(static row => (row.GetGuid(0), row.GetInt32(1)), CancellationToken.None).ConfigureAwait(false))
                _known[Key(missing[hash])] = id;
        }
    }

    public int Of(FlowRunRecord run) => IsDefault(run) ? 0 : _known[Key(run)];

    private static bool IsDefault(FlowRunRecord run) => run.Queue == FlowRunRecord.DefaultQueue && run.Labels.Count == 0;

    private static (string Queue, string Labels) Key(FlowRunRecord run) => (run.Queue, TextListJson.Write(run.Labels) ?? "");

    private static Guid Hash(FlowRunRecord run)
    {
        var (queue, labels) = Key(run);
        return Texts.Hash($"{queue.Length}:{queue}{labels}");
    }
}
