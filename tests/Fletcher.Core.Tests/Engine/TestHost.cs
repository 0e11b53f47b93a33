using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Engine.Tests;

/// <summary>A host on a store that outlives it, so that a test can crash a host and start another on the same store.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    internal TestHost(IRunStore store, TimeProvider? time = null, Action<FletcherOptions>? configure = null)
    {
        var options = new FletcherOptions { Store = () => store, Time = time ?? TimeProvider.System };
        options.Observers.Add(Seen);
        configure?.Invoke(options);
        Store = store;
        Host = new FletcherHost(options);
    }

    internal FletcherHost Host { get; }

    internal IRunStore Store { get; }

    internal Recorder Seen { get; } = new();

    internal static TestHost InMemory(TimeProvider? time = null) => new(new SurvivingStore(time), time);

    internal Task<T> Run<T>(Func<Task<T>> flow) => Host.RunAsync(flow).WithinLimit("the flow");

    internal Task Run(Func<Task> flow) => Host.RunAsync(flow).WithinLimit("the flow");

    /// <summary>All runs, in the order of their states: several may have been made in one millisecond.</summary>
    internal async Task<List<FlowRunRecord>> Runs() =>
        [.. (await Store.GetFlowRunsAsync(new FlowRunQuery(), TestContext.Current.CancellationToken)).OrderBy(r => r.State)];

    internal async Task<FlowRunRecord> OnlyRun() =>
        Assert.Single(await Store.GetFlowRunsAsync(new FlowRunQuery(), TestContext.Current.CancellationToken));

    internal async Task<List<StepRunRecord>> Steps(RunId run) =>
        await Store.GetStepRunsAsync(run, TestContext.Current.CancellationToken).ToListAsync();

    internal async Task<List<StepRunRecord>> Steps() => await Steps((await OnlyRun()).Id);

    /// <summary>The one step run whose step has this method name.</summary>
    internal async Task<StepRunRecord> Step(string method) =>
        Assert.Single(await Steps(), s => s.Step.Name.EndsWith("." + method, StringComparison.Ordinal) || s.Step.Name == method);

    internal async Task<IReadOnlyList<LedgerEntry>> Ledger()
    {
        await Host.FlushAsync();
        return await Store.GetLedgerAsync((await OnlyRun()).Id, TestContext.Current.CancellationToken);
    }

    internal async Task<IReadOnlyList<LogLine>> Logs(int? sequence = null)
    {
        await Host.FlushAsync();
        return await Store.GetLogsAsync((await OnlyRun()).Id, sequence, int.MaxValue, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await Host.DisposeAsync().AsTask().WithinLimit("the host's end");

    internal sealed class Recorder : IRunObserver
    {
        private readonly Lock _gate = new();

        internal List<FlowRunRecord> Runs { get; } = [];

        internal List<StepRunRecord> StepRuns { get; } = [];

        internal List<string> Notes { get; } = [];

        /// <summary>Whether a run was ever so, asked while it goes on.</summary>
        internal bool IsAny(Predicate<FlowRunRecord> condition)
        {
            lock (_gate)
                return Runs.Exists(condition);
        }

        public void FlowRunChanged(FlowRunRecord run, FlowDefinition flow)
        {
            lock (_gate)
                Runs.Add(run);
        }

        public void StepRunChanged(FlowRunRecord run, StepRunRecord step)
        {
            lock (_gate)
                StepRuns.Add(step);
        }

        public void LogWritten(LogLine line)
        {
        }

        public void ArtifactWritten(ArtifactRecord artifact)
        {
        }

        public void Note(string message)
        {
            lock (_gate)
                Notes.Add(message);
        }
    }
}
