using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Core.Tests.Diagnosis;

/// <summary>Answers what an explanation asks, from lists; everything else is not needed here.</summary>
internal sealed class FakeRunStore : IRunStore
{
    public List<FlowRunRecord> Runs { get; } = [];

    public List<StepRunRecord> Steps { get; } = [];

    public List<LogLine> Logs { get; } = [];

    public string Description { get; set; } = "fake";

    public bool IsVolatile => true;

    public ValueTask OpenAsync(CancellationToken cancellationToken) => default;

    public ValueTask<IReadOnlyList<RunId>> FindOverAsync(IReadOnlyCollection<RunId> runs, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<FlowRunRecord?> GetFlowRunAsync(RunId run, CancellationToken cancellationToken) =>
        new(Runs.FindLast(r => r.Id == run));

    public async IAsyncEnumerable<StepRunRecord> GetStepRunsAsync(
        RunId run, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var step in Steps.Where(s => s.RunId == run).OrderBy(static s => s.Sequence))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return step;
        }
    }

    public ValueTask<StepRunRecord?> FindLastSuccessAsync(
        string flow, string step, RunId exceptRun, CancellationToken cancellationToken) =>
        new(Steps.Where(s => s.Step.Name == step && s.RunId != exceptRun && s.State.HasResult()
                && Runs.Exists(r => r.Id == s.RunId && r.Flow == flow))
            .MaxBy(static s => s.EndedAt));

    public ValueTask<IReadOnlyList<LogLine>> GetLogsAsync(
        RunId run, int? sequence, int limit, CancellationToken cancellationToken) =>
        new(Logs.Where(l => l.RunId == run && (sequence is null || l.Sequence == sequence)).TakeLast(limit).ToList());

    public ValueTask WriteAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        Runs.AddRange(batch.FlowRuns);
        Steps.AddRange(batch.StepRuns);
        Logs.AddRange(batch.Logs);
        return default;
    }

    public ValueTask<FlowRunRecord?> TryCreateOnceAsync(FlowRunRecord run, CancellationToken cancellationToken) => new((FlowRunRecord?)null);

    public ValueTask<FlowRunRecord?> TryClaimAsync(
        RunId run, RunVersion expected, Guid hostId, DateTimeOffset now, CancellationToken cancellationToken) => new((FlowRunRecord?)null);

    public ValueTask<IReadOnlyList<FlowRunRecord>> GetFlowRunsAsync(FlowRunQuery query, CancellationToken cancellationToken) => new(Runs);

    public ValueTask<IReadOnlyList<FlowRunRecord>> FindUnfinishedAsync(
        string flow, ContentHash parametersHash, Guid exceptHost, int limit, CancellationToken cancellationToken) => new([]);

    public ValueTask<FlowRunRecord?> FindOnceAsync(string flow, string onceKey, CancellationToken cancellationToken) => new((FlowRunRecord?)null);

    public ValueTask<CacheEntry?> FindCachedAsync(string step, ContentHash key, CancellationToken cancellationToken) => new((CacheEntry?)null);

    public ValueTask<ReadOnlyMemory<byte>> ReadValueAsync(StoredValue value, CancellationToken cancellationToken) => new(value.Content);

    public ValueTask<IReadOnlyList<LedgerEntry>> GetLedgerAsync(RunId run, CancellationToken cancellationToken) => new([]);

    public ValueTask<IReadOnlyList<ArtifactRecord>> GetArtifactsAsync(RunId run, CancellationToken cancellationToken) => new([]);

    public ValueTask PutHostAsync(HostRecord host, CancellationToken cancellationToken) => default;

    public ValueTask<HostRecord?> GetHostAsync(Guid host, CancellationToken cancellationToken) => new((HostRecord?)null);

    public ValueTask<IReadOnlyList<StartedRun>> StartAsync(IReadOnlyList<RunStart> starts, CancellationToken cancellationToken) => new([]);

    public ValueTask PutFlowsAsync(IReadOnlyList<FlowRecord> flows, CancellationToken cancellationToken) => default;

    public ValueTask<IReadOnlyList<FlowRecord>> GetFlowsAsync(CancellationToken cancellationToken) => new([]);

    public ValueTask<FlowRecord?> GetFlowAsync(string flow, CancellationToken cancellationToken) => new((FlowRecord?)null);

    public IDisposable Listen(Action heard) => new ListenerList().Add(heard);

    public ValueTask<IReadOnlyList<ClaimedRun>> ClaimDueAsync(ClaimRequest request, CancellationToken cancellationToken) => new([]);

    public ValueTask<bool> TryReplaceAsync(
        FlowRunRecord run, RunVersion expected, WriteBatch beside, CancellationToken cancellationToken) => new(false);

    public ValueTask<DateTimeOffset?> GetNextWakeAsync(ClaimRequest request, CancellationToken cancellationToken) => new((DateTimeOffset?)null);

    public ValueTask<IReadOnlyList<FlowRunRecord>> GetRunsOfHostAsync(
        Guid hostId, RunId after, int limit, CancellationToken cancellationToken) => new([]);

    public ValueTask<RunMessage?> SendAsync(RunMessage message, CancellationToken cancellationToken) => new((RunMessage?)null);

    public ValueTask<IReadOnlyList<RunMessage>> GetMessagesAsync(long after, int limit, CancellationToken cancellationToken) => new([]);

    public ValueTask<IReadOnlyList<RunMessage>> GetUntakenAsync(RunId root, CancellationToken cancellationToken) => new([]);

    public ValueTask<long> GetLastMessageAsync(CancellationToken cancellationToken) => new(0L);

    public ValueTask<IReadOnlyList<QuestionRecord>> GetQuestionsAsync(
        RunId? run, bool onlyOpen, int limit, CancellationToken cancellationToken) => new([]);

    public ValueTask<bool> SetPausedAsync(string flow, PausedFlow? paused, CancellationToken cancellationToken) => new(false);

    public ValueTask<IReadOnlyList<PausedFlow>> GetPausedAsync(CancellationToken cancellationToken) => new([]);

    public ValueTask<IReadOnlyList<HostRecord>> GetLivingHostsAsync(CancellationToken cancellationToken) => new([]);

    public ValueTask<IReadOnlyList<Guid>> GetOwnersAsync(CancellationToken cancellationToken) => new([]);

    public ValueTask DisposeAsync() => default;
}
