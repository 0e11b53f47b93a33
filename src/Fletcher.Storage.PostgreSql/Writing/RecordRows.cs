using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Turns a <see cref="WriteBatch"/> into statements, in the order in which its records depend on each other.</summary>
internal sealed class RecordRows
{
    private readonly NameIds _names;
    private readonly LaneIds _lanes;
    private readonly StepRunRows _stepRuns;
    private readonly LastSuccessRows _lastSuccesses;
    private readonly DetailRows _details;
    private readonly CacheRows _cache;

    public RecordRows(Server server, PostgreSqlStoreOptions options)
    {
        var schema = server.Schema;
        var values = new ValueColumns(options.LargeValueThreshold);
        _names = new NameIds(schema);
        _lanes = new LaneIds(schema);
        LargeValues = new LargeValues(server, values);
        FlowRuns = new FlowRunRows(schema, _names, _lanes, values, options.TimeProvider);
        _stepRuns = new StepRunRows(schema, _names, values);
        _lastSuccesses = new LastSuccessRows(schema, _names);
        _details = new DetailRows(schema);
        _cache = new CacheRows(schema, values);
        Messages = new MessageRows(schema);
    }

    public FlowRunRows FlowRuns { get; }

    public LargeValues LargeValues { get; }

    public MessageRows Messages { get; }

    /// <summary>Makes what the statements need that must be there before them; adds the large values.</summary>
    public async ValueTask PrepareAsync(NpgsqlBatch batch, WriteBatch records)
    {
        await _names.PrepareAsync(
            batch.Connection!,
            records.FlowRuns.Select(static run => run.Flow),
            records.StepRuns.Select(static run => run.Step)).ConfigureAwait(false);
        await _lanes.PrepareAsync(batch.Connection!, records.FlowRuns).ConfigureAwait(false);
        await LargeValues.PutAsync(batch, Values(records)).ConfigureAwait(false);
    }

    /// <inheritdoc cref="PrepareAsync(NpgsqlBatch, WriteBatch)"/>
    public async ValueTask PrepareAsync(NpgsqlBatch batch, FlowRunRecord run)
    {
        await _names.PrepareAsync(batch.Connection!, [run.Flow], []).ConfigureAwait(false);
        await _lanes.PrepareAsync(batch.Connection!, [run]).ConfigureAwait(false);
        await LargeValues.PutAsync(batch, [(run.Id, run.Result)]).ConfigureAwait(false);
    }

    /// <summary>The numbers of flows, by name, made when they are new.</summary>
    public async ValueTask<Dictionary<string, int>> FlowIdsAsync(NpgsqlConnection connection, IReadOnlyCollection<string> flows)
    {
        await _names.PrepareAsync(connection, flows, []).ConfigureAwait(false);
        return flows.Distinct(StringComparer.Ordinal).ToDictionary(static flow => flow, _names.OfFlow, StringComparer.Ordinal);
    }

    /// <summary>The number of a flow, made when it is new.</summary>
    public async ValueTask<int> FlowIdAsync(NpgsqlConnection connection, string flow)
    {
        await _names.PrepareAsync(connection, [flow], []).ConfigureAwait(false);
        return _names.OfFlow(flow);
    }

    /// <summary>Adds the statements for the records.</summary>
    /// <returns>What to tell <see cref="Committed"/>.</returns>
    public IReadOnlyList<StepRunRecord> Put(NpgsqlBatch batch, WriteBatch records)
    {
        FlowRuns.Put(batch, records.FlowRuns);
        _stepRuns.Put(batch, records.StepRuns);
        var noted = _lastSuccesses.Put(batch, records.StepRuns);
        _details.PutLedger(batch, records.Ledger);
        _details.PutLogs(batch, records.Logs);
        _details.PutArtifacts(batch, records.Artifacts);
        _cache.Put(batch, records.Cache);
        _details.PutQuestions(batch, records.Questions);
        Messages.Put(batch, records.Messages);
        Messages.Take(batch, records.Taken);
        return noted;
    }

    /// <summary>Says that the batch is in the store.</summary>
    public void Committed(IReadOnlyList<StepRunRecord> noted, WriteBatch records) => _lastSuccesses.Committed(noted, records);

    private static IEnumerable<(RunId Run, StoredValue? Value)> Values(WriteBatch records)
    {
        foreach (var run in records.StepRuns)
            yield return (run.RunId, run.Result);
        foreach (var run in records.FlowRuns)
            yield return (run.Id, run.Result);
        foreach (var entry in records.Cache)
            yield return (entry.RunId, entry.Result);
    }
}
