using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>
/// What every store must do. The test project of a store derives a class from it, which makes an empty store for each test.
/// </summary>
public abstract partial class RunStoreConformance : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>The store under test, open and empty.</summary>
    protected IRunStore Store { get; private set; } = null!;

    /// <summary>What the store is to have for a clock: it stands still at <see cref="Now"/> until a test moves it.</summary>
    protected StoppedClock Clock { get; } = new StoppedClock(Now);

    /// <summary>The store's time, an hour after that of the samples.</summary>
    protected static DateTimeOffset Now => A.Instant.AddHours(1);

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Makes an empty store with <see cref="Clock"/>, not open yet.</summary>
    protected abstract IRunStore CreateStore();

    /// <summary>
    /// Makes another store on what is behind <see cref="Store"/>, as another process has one, not open yet. A store that only one process
    /// can have returns itself.
    /// </summary>
    protected virtual IRunStore CreateSecondStore() => Store;

    public virtual async ValueTask InitializeAsync()
    {
        Store = CreateStore();
        await Store.OpenAsync(Cancellation);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Writes these records in one batch.</summary>
    protected ValueTask WriteAsync(params object[] records) => Store.WriteAsync(Batch(records), Cancellation);

    protected static WriteBatch Batch(params object[] records)
    {
        var batch = new WriteBatch();
        foreach (var record in records)
        {
            switch (record)
            {
                case FlowRunRecord r: batch.FlowRuns.Add(r); break;
                case StepRunRecord r: batch.StepRuns.Add(r); break;
                case LedgerEntry r: batch.Ledger.Add(r); break;
                case LogLine r: batch.Logs.Add(r); break;
                case ArtifactRecord r: batch.Artifacts.Add(r); break;
                case CacheEntry r: batch.Cache.Add(r); break;
                case QuestionRecord r: batch.Questions.Add(r); break;
                case TakenMessage r: batch.Taken.Add(r); break;
                default: throw new ArgumentException($"{record.GetType()} is not written in batches.", nameof(records));
            }
        }

        return batch;
    }

    /// <summary>The run as it is in the store.</summary>
    protected async Task<FlowRunRecord> RunAsync(RunId run) => (await Store.GetFlowRunAsync(run, Cancellation))!;

    protected async Task<RunMessage> SendAsync(RunMessage message)
    {
        var kept = await Store.SendAsync(message, Cancellation);
        Assert.NotNull(kept);
        return kept;
    }

    /// <summary>Claims what is due now of flow F.</summary>
    protected async Task<IReadOnlyList<ClaimedRun>> ClaimDueAsync(int limit = 100) =>
        await Store.ClaimDueAsync(Guid.CreateVersion7(), ["F"], Now, limit, Cancellation);

    protected async Task<List<StepRunRecord>> StepRunsAsync(RunId run)
    {
        var stepRuns = new List<StepRunRecord>();
        await foreach (var stepRun in Store.GetStepRunsAsync(run, Cancellation))
            stepRuns.Add(stepRun);
        return stepRuns;
    }

    /// <summary>Compares what was written with what was read, every property of it.</summary>
    protected async Task AssertSameAsync(object? expected, object? actual)
    {
        Assert.Equal(
            await RecordText.OfAsync(expected, Store, Cancellation), await RecordText.OfAsync(actual, Store, Cancellation));
    }

    protected static Task WithinLimit(Task task) => task.WaitAsync(Limit, TimeProvider.System, Cancellation);
}
