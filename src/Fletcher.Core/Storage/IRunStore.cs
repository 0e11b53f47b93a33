using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// Where runs are kept. One instance serves one host; several hosts may share what is behind it. Every method may be
/// called from any thread, and complete synchronously. A store that cannot do what is asked throws
/// <see cref="StoreUnavailableException"/> and has then changed nothing.
/// </summary>
public interface IRunStore : IAsyncDisposable
{
    /// <summary>What and where it is, for people: <c>SQLite /home/ada/.local/share/fletcher/fletcher.db</c>.</summary>
    string Description { get; }

    /// <summary>Whether runs are gone when the process is; then nobody can resume them.</summary>
    bool IsVolatile { get; }

    /// <summary>Opens it, creates it when there is none, and brings its schema up to date.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened, is something else, or was written by a newer Fletcher.</exception>
    ValueTask OpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Writes everything in the batch in one transaction, or nothing. Records replace those with the same identity, except
    /// that a flow run with a greater <see cref="FlowRunRecord.Fence"/> in the store is left as it is. When it returns, the
    /// batch is as durable as the store was set up to be. The batch may be reused by the caller afterwards.
    /// </summary>
    ValueTask WriteAsync(WriteBatch batch, CancellationToken cancellationToken);

    /// <summary>
    /// Creates a flow run that has a <see cref="FlowRunRecord.OnceKey"/>, unless a run of the same flow and key exists that is
    /// open or completed. Durable when it returns.
    /// </summary>
    /// <returns>Null when it was created; otherwise the run that exists.</returns>
    ValueTask<FlowRunRecord?> TryCreateOnceAsync(FlowRunRecord run, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a flow run to a host: state <see cref="FlowRunState.Running"/>, fence and attempt one higher, end, error and
    /// reason cleared, its start <paramref name="now"/> when it never began. Durable when it returns.
    /// </summary>
    /// <returns>
    /// The run as it is now; null when its fence was not <paramref name="expectedFence"/> any more, so someone else has it, or
    /// when another run that is open or completed has its <see cref="FlowRunRecord.OnceKey"/> by now.
    /// </returns>
    ValueTask<FlowRunRecord?> TryClaimAsync(
        RunId run, long expectedFence, Guid hostId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The flow run, or null when there is none with this id.</summary>
    ValueTask<FlowRunRecord?> GetFlowRunAsync(RunId run, CancellationToken cancellationToken);

    /// <summary>Flow runs, newest first.</summary>
    ValueTask<IReadOnlyList<FlowRunRecord>> GetFlowRunsAsync(FlowRunQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Runs without a parent of this flow with these parameters that did not complete and were not cancelled, newest first,
    /// without those that <paramref name="exceptHost"/> has.
    /// </summary>
    ValueTask<IReadOnlyList<FlowRunRecord>> FindUnfinishedAsync(
        string flow, ContentHash parametersHash, Guid exceptHost, int limit, CancellationToken cancellationToken);

    /// <summary>The flow run with this <c>Once</c> key that is open or completed, or null.</summary>
    ValueTask<FlowRunRecord?> FindOnceAsync(string flow, string onceKey, CancellationToken cancellationToken);

    /// <summary>The step runs of a flow run, by sequence.</summary>
    IAsyncEnumerable<StepRunRecord> GetStepRunsAsync(RunId run, CancellationToken cancellationToken);

    /// <summary>
    /// The newest completed run of a step within any run of a flow, but not within <paramref name="exceptRun"/>; null when
    /// there is none. It is kept for the last two flow runs, so it may be null although older ones exist.
    /// </summary>
    ValueTask<StepRunRecord?> FindLastSuccessAsync(
        string flow, string step, RunId exceptRun, CancellationToken cancellationToken);

    /// <summary>The newest cached result for this step and key, or null.</summary>
    ValueTask<CacheEntry?> FindCachedAsync(string step, ContentHash key, CancellationToken cancellationToken);

    /// <summary>The bytes of a stored value, wherever they are.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReadValueAsync(StoredValue value, CancellationToken cancellationToken);

    /// <summary>The ledger of a flow run, oldest first.</summary>
    ValueTask<IReadOnlyList<LedgerEntry>> GetLedgerAsync(RunId run, CancellationToken cancellationToken);

    /// <summary>The last <paramref name="limit"/> log lines of a flow run (of one step run when a sequence is given), oldest first.</summary>
    ValueTask<IReadOnlyList<LogLine>> GetLogsAsync(RunId run, int? sequence, int limit, CancellationToken cancellationToken);

    /// <summary>The artifacts of a flow run, oldest first.</summary>
    ValueTask<IReadOnlyList<ArtifactRecord>> GetArtifactsAsync(RunId run, CancellationToken cancellationToken);

    /// <summary>Registers a host, or its new heartbeat, or its end.</summary>
    ValueTask PutHostAsync(HostRecord host, CancellationToken cancellationToken);

    /// <summary>The host, or null when there is none with this id.</summary>
    ValueTask<HostRecord?> GetHostAsync(Guid host, CancellationToken cancellationToken);
}
