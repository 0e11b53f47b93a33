using System.Collections.Concurrent;
using System.Text;
using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// The numbers of flows and of versions of steps. Names are made in a transaction of their own, before the one that needs them: a name that
/// nobody uses does no harm, and a number that is remembered is always there. They are as many as the program's code has flows and steps.
/// </summary>
internal sealed class NameIds(SchemaName schema)
{
    private readonly string _makeFlows =
        $"""
        INSERT INTO {schema}.flows (name, name_hash) SELECT n.name, n.hash FROM unnest($1::text[], $2::uuid[]) n (name, hash)
        WHERE NOT EXISTS (SELECT 1 FROM {schema}.flows f WHERE f.name_hash = n.hash) ORDER BY n.hash ON CONFLICT DO NOTHING
        """;

    private readonly string _findFlows = $"SELECT name_hash, id FROM {schema}.flows WHERE name_hash = ANY($1)";

    private readonly string _makeSteps =
        $"""
        INSERT INTO {schema}.steps (code_hash, name_hash, name, source_hash, file, line)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::integer[]) n (hash, name_hash, name, source_hash, file, line)
        WHERE NOT EXISTS (SELECT 1 FROM {schema}.steps s WHERE s.code_hash = n.hash) ORDER BY n.hash ON CONFLICT DO NOTHING
        """;

    private readonly string _findSteps = $"SELECT code_hash, id FROM {schema}.steps WHERE code_hash = ANY($1)";

    private readonly ConcurrentDictionary<string, int> _flows = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<StepCode, Known> _steps = new();

    /// <summary>Looks up, and makes, what a batch needs, so that <see cref="OfFlow"/> and <see cref="OfStep"/> know it.</summary>
    public async ValueTask PrepareAsync(NpgsqlConnection connection, IEnumerable<string> flows, IEnumerable<StepCode> steps)
    {
        var newFlows = flows.Where(flow => !_flows.ContainsKey(flow)).Distinct(StringComparer.Ordinal).ToList();
        if (newFlows.Count > 0)
            await MakeFlowsAsync(connection, newFlows).ConfigureAwait(false);

        List<StepCode>? newSteps = null;
        StepCode? last = null;
        foreach (var step in steps)
        {
            // The engine passes the same object for each run of a step: comparing four values would cost more.
            if (!ReferenceEquals(step, last) && !_steps.ContainsKey(step))
                (newSteps ??= []).Add(step);
            last = step;
        }

        if (newSteps is not null)
            await MakeStepsAsync(connection, [.. newSteps.Distinct()]).ConfigureAwait(false);
    }

    public int OfFlow(string name) => _flows[name];

    public int OfStep(StepCode step) => _steps[step].Id;

    /// <summary>The hash of the step's name.</summary>
    public Guid HashOf(StepCode step) => _steps[step].NameHash;

    private async ValueTask MakeFlowsAsync(NpgsqlConnection connection, List<string> names)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            var hashes = names.ConvertAll(Texts.Hash).ToArray();
            batch.Add(_makeFlows).WithEach(names, Texts.Encode).With(hashes);
            batch.Add(_findFlows).With(hashes);
            var ids = await IdsAsync(batch).ConfigureAwait(false);
            for (var i = 0; i < hashes.Length; i++)
                _flows[names[i]] = ids[hashes[i]];
        }
    }

    private async ValueTask MakeStepsAsync(NpgsqlConnection connection, List<StepCode> steps)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            var hashes = steps.ConvertAll(Hash).ToArray();
            batch.Add(_makeSteps).With(hashes)
                .WithEach(steps, static step => Texts.Hash(step.Name))
                .WithEach(steps, static step => Texts.Encode(step.Name))
                .WithEach(steps, static step => Texts.Encode(step.SourceHash))
                .WithEach(steps, static step => Texts.Encode(step.File))
                .WithEach(steps, static step => step.Line);
            batch.Add(_findSteps).With(hashes);
            var ids = await IdsAsync(batch).ConfigureAwait(false);
            for (var i = 0; i < hashes.Length; i++)
                _steps[steps[i]] = new Known(ids[hashes[i]], Texts.Hash(steps[i].Name));
        }
    }

    private static async ValueTask<Dictionary<Guid, int>> IdsAsync(NpgsqlBatch batch)
    {
        var rows = await batch.QueryAsync(static row => (Hash: row.GetGuid(0), Id: row.GetInt32(1)), CancellationToken.None).ConfigureAwait(false);
        return rows.ToDictionary(static row => row.Hash, static row => row.Id);
    }

    // Each part with its length before it, so that no two versions have the same text; -1 for none.
    private static Guid Hash(StepCode step)
    {
        var text = new StringBuilder();
        foreach (var part in (ReadOnlySpan<string?>)[step.Name, step.SourceHash, step.File])
            text.Append(part?.Length ?? -1).Append(':').Append(part);
        return Texts.Hash(text.Append(step.Line).ToString());
    }

    private sealed record Known(int Id, Guid NameHash);
}
