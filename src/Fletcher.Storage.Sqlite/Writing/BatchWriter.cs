using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Everything that is written through the one writing connection, within a transaction that <see cref="WriterConnection"/>
/// began. The parts remember numbers of names and the like; after a rollback they must forget them.
/// </summary>
internal sealed class BatchWriter
{
    private readonly NameIds _names;
    private readonly Lanes _lanes;
    private readonly StepRunWriter _stepRuns;
    private readonly LastSuccessWriter _lastSuccesses;
    private readonly LedgerWriter _ledger;
    private readonly LogWriter _logs;
    private readonly ArtifactWriter _artifacts;
    private readonly CacheWriter _cache;
    private readonly QuestionWriter _questions;
    private readonly LeaseCheck _leases;

    public BatchWriter(Connection connection, SqliteStoreOptions options)
    {
        var threshold = options.LargeValueThreshold;
        var largeValues = new LargeValueRows(connection, threshold);
        _names = new NameIds(connection);
        Messages = new MessageWriter(connection, options.TimeProvider);
        _lanes = new Lanes(connection);
        Limits = new LimitWriter(connection, options.TimeProvider);
        FlowRuns = new FlowRunWriter(connection, _names, _lanes, largeValues, Messages, Limits, threshold, options.TimeProvider);
        _stepRuns = new StepRunWriter(connection, _names, largeValues, threshold);
        _lastSuccesses = new LastSuccessWriter(connection, FlowRuns);
        _ledger = new LedgerWriter(connection);
        _logs = new LogWriter(connection);
        _artifacts = new ArtifactWriter(connection);
        _cache = new CacheWriter(connection, largeValues, threshold);
        _questions = new QuestionWriter(connection);
        _leases = new LeaseCheck(connection);
        Hosts = new HostWriter(connection);
        Pauses = new PauseWriter(connection, _names, options.TimeProvider);
        Flows = new FlowWriter(connection, _names);
        Starts = new StartWriter(connection, _names, FlowRuns, _ledger);
        Deployments = new DeploymentWriter(connection, Starts);
        Variables = new VariableWriter(connection);
        Retention = new RetentionWriter(connection);
        Claims = new RunClaims(connection, FlowRuns, Limits, options.TimeProvider);
    }

    public FlowRunWriter FlowRuns { get; }

    public MessageWriter Messages { get; }

    public HostWriter Hosts { get; }

    public PauseWriter Pauses { get; }

    public RunClaims Claims { get; }

    public FlowWriter Flows { get; }

    public StartWriter Starts { get; }

    public DeploymentWriter Deployments { get; }

    public VariableWriter Variables { get; }

    public LimitWriter Limits { get; }

    public RetentionWriter Retention { get; }

    /// <exception cref="LeasesLostException">Others have runs of the batch by now. Nothing was written.</exception>
    public void Write(WriteBatch batch)
    {
        _leases.Check(batch);
        Put(batch);
    }

    public bool TryReplace(FlowRunRecord run, RunVersion expected, WriteBatch beside)
    {
        if (!Claims.CanReplace(run, expected))
            return false;

        Put(beside);
        FlowRuns.Put(run);
        Claims.EndFamily(run);
        return true;
    }

    public void Forget()
    {
        _names.Forget();
        _lanes.Forget();
        FlowRuns.Forget();
        _lastSuccesses.Forget();
        _ledger.EndBatch();
        _logs.EndBatch();
        Limits.Forget();
    }

    private void Put(WriteBatch batch)
    {
        foreach (var run in batch.FlowRuns)
            FlowRuns.Put(run);
        foreach (var run in batch.StepRuns)
            _lastSuccesses.Note(run, _stepRuns.Put(run));
        _lastSuccesses.Flush(batch.StepRuns.Count);
        foreach (var entry in batch.Ledger)
            _ledger.Add(entry);
        _ledger.EndBatch();
        foreach (var line in batch.Logs)
            _logs.Add(line);
        _logs.EndBatch();
        foreach (var artifact in batch.Artifacts)
            _artifacts.Put(artifact);
        foreach (var entry in batch.Cache)
            _cache.Put(entry);
        foreach (var question in batch.Questions)
            _questions.Put(question);
        foreach (var message in batch.Messages)
            Messages.Put(message);
        foreach (var taken in batch.Taken)
            Messages.Take(taken);
    }
}
