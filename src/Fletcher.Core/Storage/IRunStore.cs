using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// Where runs are kept. One instance serves one host; several hosts may share what is behind it. Every method may be
/// called from any thread, and complete synchronously. A store that cannot do what is asked throws
/// <see cref="StoreUnavailableException"/> and has then changed nothing. Only when the way to it broke off, and stayed so, it may have done all of it;
/// a batch that comes again is even then written once.
/// </summary>
public interface IRunStore : IAsyncDisposable
{
    /// <summary>What and where it is, for people: <c>SQLite /home/ada/.local/share/fletcher/fletcher.db</c>.</summary>
    string Description { get; }

    /// <summary>Whether runs are gone when the process is; then nobody can resume them.</summary>
    bool IsVolatile { get; }

    /// <summary>The limits that hold across all who share this store; null when it keeps none, so that steps with a limit fail.</summary>
    ILimitStore? Limits => null;

    /// <summary>The deployments that all who share this store have; null when it keeps none.</summary>
    IDeploymentStore? Deployments => null;

    /// <summary>The variables and secrets that all who share this store have; null when it keeps none.</summary>
    IVariableStore? Variables => null;
    /// <summary>What lets go of runs that need not be kept any longer; null when it keeps all.</summary>
    IRetentionStore? Retention => null;

    /// <summary>Opens it, creates it when there is none, and brings its schema up to date.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened, is something else, or was written by a newer Fletcher.</exception>
    ValueTask OpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Writes everything in the batch in one transaction, or nothing. Records replace those with the same identity, except
    /// that a flow run with a greater <see cref="FlowRunRecord.Fence"/> in the store is left as it is. A record of a run that waits
    /// without a host (state <see cref="FlowRunState.Waiting"/> or <see cref="FlowRunState.Queued"/>) gets
    /// <see cref="FlowRunRecord.WakeAt"/> now, if it is not earlier, when a message after its <see cref="FlowRunRecord.LastMessage"/> was sent
    /// to its family; so does every other method that writes such a record. Now is by the clock of the store.
    /// When it returns, the batch is as durable as the store was set up to be. The batch may be reused by the caller afterwards.
    /// </summary>
    /// <exception cref="LeasesLostException">
    /// The store has the root of one of the batch's <see cref="WriteBatch.Leases"/> with a greater fence. Nothing was written.
    /// </exception>
    ValueTask WriteAsync(WriteBatch batch, CancellationToken cancellationToken);

    /// <summary>
    /// Creates a flow run that has a <see cref="FlowRunRecord.OnceKey"/>, unless a run of the same flow and key exists that is
    /// open, completed, or crashed and due to be resumed. Durable when it returns.
    /// </summary>
    /// <returns>Null when it was created; otherwise the run that exists.</returns>
    ValueTask<FlowRunRecord?> TryCreateOnceAsync(FlowRunRecord run, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a flow run to a host: state <see cref="FlowRunState.Running"/>, fence and attempt one higher, end, error and
    /// reason and the time to wake it cleared (its error stays while it is undoing), its start <paramref name="now"/> when it never
    /// began. Durable when it returns.
    /// </summary>
    /// <returns>
    /// The run as it is now; null when it was not as <paramref name="expected"/> any more, so somebody else has it or its owner has left it, or
    /// when another run that is open or completed has its <see cref="FlowRunRecord.OnceKey"/> by now.
    /// </returns>
    ValueTask<FlowRunRecord?> TryClaimAsync(
        RunId run, RunVersion expected, Guid hostId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Creates flow runs for hosts to take, all in one transaction: roots without a host, with a <see cref="FlowRunRecord.WakeAt"/>. One whose
    /// key says that there is a run already is not created; see <see cref="RunStart"/>. Each start sees what those before it did. Durable when it returns.
    /// </summary>
    /// <returns>What became of each, in their order.</returns>
    /// <exception cref="ArgumentException">One is no root, has a host, is not due at any time, or lacks something required.</exception>
    ValueTask<IReadOnlyList<StartedRun>> StartAsync(IReadOnlyList<RunStart> starts, CancellationToken cancellationToken);

    /// <summary>
    /// Gives runs that wait for a host to this one, as <see cref="TryClaimAsync"/> does: those that are the root of their family
    /// (<see cref="FlowRunRecord.RootRunId"/>), have no host and have not completed, whose <see cref="FlowRunRecord.WakeAt"/> has come, and that
    /// the request asks for, in the order that <see cref="ClaimRequest"/> says; none of a flow that is paused. First of all, and even of paused flows and
    /// of flows without room, come open or crashed runs that are due and to which themselves a <see cref="MessageKind.Cancel"/> was sent that nobody has taken,
    /// if their flow is paused; the longest due first. Of two hosts that ask at the same time each gets others. Durable when it returns.
    /// </summary>
    /// <remarks>
    /// A run that cannot be had because another one has its <see cref="FlowRunRecord.OnceKey"/> by now is not due any more. What it costs does not
    /// grow with the number of runs that wait. When more than some thousand runs become due at the same moment, it may be that not all of them are
    /// looked at at once.
    /// </remarks>
    ValueTask<IReadOnlyList<ClaimedRun>> ClaimDueAsync(ClaimRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Puts a record in the place of a run that this host need not have, if nobody has claimed, left or ended the run since: it must be as
    /// <paramref name="expected"/>. The record must bring a greater fence, so that whoever had the run loses it. When the run is a root
    /// and its new state an end, flow runs of its family that are still open end with the same state, reason and time, without a host and
    /// with a fence one higher; and when that end is for good (it has not crashed and no <see cref="FlowRunRecord.WakeAt"/>), the open
    /// questions of the family are closed at the run's end. Durable when it returns.
    /// </summary>
    /// <param name="run">The record.</param>
    /// <param name="expected">What the run must still be.</param>
    /// <param name="beside">What is written in the same transaction, before the record; its leases are not looked at.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>
    /// False when the run was not so any more, or there is no such run, or the record is open and another run that is open or completed has
    /// its <see cref="FlowRunRecord.OnceKey"/>; then nothing has changed.
    /// </returns>
    /// <exception cref="ArgumentException">The record's fence is not greater than the expected one.</exception>
    ValueTask<bool> TryReplaceAsync(
        FlowRunRecord run, RunVersion expected, WriteBatch beside, CancellationToken cancellationToken);

    /// <summary>Replaces a run and writes ledger entries beside it; see <see cref="TryReplaceAsync(FlowRunRecord, RunVersion, WriteBatch, CancellationToken)"/>.</summary>
    /// <inheritdoc cref="TryReplaceAsync(FlowRunRecord, RunVersion, WriteBatch, CancellationToken)"/>
    sealed ValueTask<bool> TryReplaceAsync(
        FlowRunRecord run, RunVersion expected, IReadOnlyList<LedgerEntry> ledger, CancellationToken cancellationToken) =>
        TryReplaceAsync(run, expected, WriteBatch.Of(ledger), cancellationToken);

    /// <summary>
    /// When the first of the runs that <see cref="ClaimDueAsync"/> gives out for this request is due, however many it would give out: the request's
    /// <see cref="ClaimRequest.Now"/> when one is already; null when none is ever due by itself.
    /// </summary>
    ValueTask<DateTimeOffset?> GetNextWakeAsync(ClaimRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Calls back when something may have been written that a host looks for, by this store or by another one on the same data: a message, a run that
    /// waits for a host (due or not), the end of a run that no call waits for, a pause or its end, a flow's description, a deployment. It is only a hint: many writes may be one call, it may come
    /// without a reason, and it may fail to come when the way it takes between processes fails; so whoever listens also looks now and then by himself. What this store
    /// itself wrote is told at once.
    /// </summary>
    /// <param name="heard">Called from any thread, also at the same time. It returns at once and does not throw.</param>
    /// <returns>Ends it.</returns>
    IDisposable Listen(Action heard);

    /// <summary>Keeps what hosts say about flows that they take, in the place of what was said before.</summary>
    ValueTask PutFlowsAsync(IReadOnlyList<FlowRecord> flows, CancellationToken cancellationToken);

    /// <summary>What hosts have said about flows, by name.</summary>
    ValueTask<IReadOnlyList<FlowRecord>> GetFlowsAsync(CancellationToken cancellationToken);

    /// <summary>What hosts have said about a flow; null when none ever took it.</summary>
    ValueTask<FlowRecord?> GetFlowAsync(string flow, CancellationToken cancellationToken);

    /// <summary>The roots of families that a host has and that have not ended, by id, at most <paramref name="limit"/>, after <paramref name="after"/>.</summary>
    ValueTask<IReadOnlyList<FlowRunRecord>> GetRunsOfHostAsync(
        Guid hostId, RunId after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps a message for a run, and, if the root of the run's family waits without a host, makes that due now; one that waits for a fix
    /// (<see cref="FlowRunRecord.WaitsForFix"/>) only by a kind that ends that wait (<see cref="MessageKindExtensions.EndsWaitForFix"/>). A
    /// <see cref="MessageKind.Retry"/> makes a root that failed, crashed or was cancelled due too: its state stays until a host takes
    /// it with <see cref="ClaimDueAsync"/>. One that is <see cref="FlowRunState.Scheduled"/> is made due only by a <see cref="MessageKind.Cancel"/>. Durable when it returns.
    /// </summary>
    /// <returns>
    /// The message as it is kept, with its number; an earlier one, if it had the same <see cref="RunMessage.Key"/> and was sent to the
    /// same run. Null when there is no such run, or it or its root has ended: for a <see cref="MessageKind.Retry"/> only if it completed.
    /// A root with a <see cref="FlowRunRecord.WakeAt"/> has not ended in this sense, whatever its state, as it goes on then; nor has a crashed
    /// sub-flow of a root that goes on.
    /// </returns>
    ValueTask<RunMessage?> SendAsync(RunMessage message, CancellationToken cancellationToken);

    /// <summary>
    /// Messages to any run with a greater number than <paramref name="after"/>, taken or not, by number, at most <paramref name="limit"/>.
    /// No message with a smaller number than one that was ever returned comes later.
    /// </summary>
    ValueTask<IReadOnlyList<RunMessage>> GetMessagesAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>The messages to a run and its sub-flows that nobody has taken, by number.</summary>
    ValueTask<IReadOnlyList<RunMessage>> GetUntakenAsync(RunId root, CancellationToken cancellationToken);

    /// <summary>The number of the last message that was sent to any run; 0 when none was.</summary>
    ValueTask<long> GetLastMessageAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Questions, newest first: those of one run if one is given, only open ones if so wished, at most <paramref name="limit"/>.
    /// </summary>
    ValueTask<IReadOnlyList<QuestionRecord>> GetQuestionsAsync(
        RunId? run, bool onlyOpen, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Pauses a flow (again: with the new reason). When <paramref name="paused"/> is null it is resumed, and its runs that wait in state
    /// <see cref="FlowRunState.Queued"/> without a host are due now. Durable when it returns.
    /// </summary>
    /// <returns>Whether that changed anything.</returns>
    ValueTask<bool> SetPausedAsync(string flow, PausedFlow? paused, CancellationToken cancellationToken);

    /// <summary>The flows that are paused.</summary>
    ValueTask<IReadOnlyList<PausedFlow>> GetPausedAsync(CancellationToken cancellationToken);

    /// <summary>The flow run, or null when there is none with this id.</summary>
    ValueTask<FlowRunRecord?> GetFlowRunAsync(RunId run, CancellationToken cancellationToken);

    /// <summary>Which of these runs are over (<see cref="FlowRunRecord.IsOver"/>), or are not in the store; in any order. One look, however many there are.</summary>
    ValueTask<IReadOnlyList<RunId>> FindOverAsync(IReadOnlyCollection<RunId> runs, CancellationToken cancellationToken);

    /// <summary>Flow runs, newest first.</summary>
    ValueTask<IReadOnlyList<FlowRunRecord>> GetFlowRunsAsync(FlowRunQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Runs without a parent of this flow with these parameters that did not complete and were not cancelled, newest first,
    /// without those that <paramref name="exceptHost"/> has.
    /// </summary>
    ValueTask<IReadOnlyList<FlowRunRecord>> FindUnfinishedAsync(
        string flow, ContentHash parametersHash, Guid exceptHost, int limit, CancellationToken cancellationToken);

    /// <summary>The flow run with this <c>Once</c> key that is open, completed, or crashed and due to be resumed; or null.</summary>
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

    /// <summary>The hosts that are thought to live: those without an <see cref="HostRecord.EndedAt"/>.</summary>
    ValueTask<IReadOnlyList<HostRecord>> GetLivingHostsAsync(CancellationToken cancellationToken);

    /// <summary>The hosts that have runs which have not ended, whether they are known or not; each once.</summary>
    ValueTask<IReadOnlyList<Guid>> GetOwnersAsync(CancellationToken cancellationToken);
}

/// <summary>A run that a host has got.</summary>
/// <param name="Run">Its record since.</param>
/// <param name="From">The state that it was in.</param>
/// <param name="Reason">Why it was in that state; null when the state said it all.</param>
public sealed record ClaimedRun(FlowRunRecord Run, FlowRunState From, string? Reason);
