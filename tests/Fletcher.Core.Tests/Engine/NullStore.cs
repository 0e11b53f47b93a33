using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine.Tests;

/// <summary>A store of which only the writing is used.</summary>
internal abstract class NullStore : IRunStore
{
    public string Description => "nothing";

    public bool IsVolatile => true;

    public abstract ValueTask WriteAsync(WriteBatch batch, CancellationToken cancellationToken);

    public ValueTask OpenAsync(CancellationToken cancellationToken) => default;

    public ValueTask DisposeAsync() => default;

    public ValueTask<FlowRunRecord?> TryCreateOnceAsync(FlowRunRecord run, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<FlowRunRecord?> TryClaimAsync(
        RunId run, RunVersion expected, Guid hostId, DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<RunId>> FindOverAsync(IReadOnlyCollection<RunId> runs, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<FlowRunRecord?> GetFlowRunAsync(RunId run, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<FlowRunRecord>> GetFlowRunsAsync(FlowRunQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<FlowRunRecord>> FindUnfinishedAsync(
        string flow, ContentHash parametersHash, Guid exceptHost, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<FlowRunRecord?> FindOnceAsync(string flow, string onceKey, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<StepRunRecord> GetStepRunsAsync(RunId run, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<StepRunRecord?> FindLastSuccessAsync(
        string flow, string step, RunId exceptRun, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<CacheEntry?> FindCachedAsync(string step, ContentHash key, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<ReadOnlyMemory<byte>> ReadValueAsync(StoredValue value, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<LedgerEntry>> GetLedgerAsync(RunId run, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<LogLine>> GetLogsAsync(RunId run, int? sequence, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<ArtifactRecord>> GetArtifactsAsync(RunId run, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask PutHostAsync(HostRecord host, CancellationToken cancellationToken) => default;

    public ValueTask<HostRecord?> GetHostAsync(Guid host, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<StartedRun>> StartAsync(IReadOnlyList<RunStart> starts, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask PutFlowsAsync(IReadOnlyList<FlowRecord> flows, CancellationToken cancellationToken) => default;

    public ValueTask<IReadOnlyList<FlowRecord>> GetFlowsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<FlowRecord?> GetFlowAsync(string flow, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IDisposable Listen(Action heard) => new ListenerList().Add(heard);

    public ValueTask<IReadOnlyList<ClaimedRun>> ClaimDueAsync(ClaimRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> TryReplaceAsync(
        FlowRunRecord run, RunVersion expected, WriteBatch beside, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<DateTimeOffset?> GetNextWakeAsync(ClaimRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<FlowRunRecord>> GetRunsOfHostAsync(
        Guid hostId, RunId after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<RunMessage?> SendAsync(RunMessage message, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<RunMessage>> GetMessagesAsync(long after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<RunMessage>> GetUntakenAsync(RunId root, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<long> GetLastMessageAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<QuestionRecord>> GetQuestionsAsync(
        RunId? run, bool onlyOpen, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> SetPausedAsync(string flow, PausedFlow? paused, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<PausedFlow>> GetPausedAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<HostRecord>> GetLivingHostsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<Guid>> GetOwnersAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
