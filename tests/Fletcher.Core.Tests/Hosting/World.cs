using System.Reflection;
using Fletcher.Engine.Tests;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Hosting.Tests;

/// <summary>A store that outlives the processes of a test, in memory or in a SQLite file, and clients and hosts on it.</summary>
internal sealed class World : IAsyncDisposable
{
    private readonly SurvivingStore? _memory;
    private readonly DirectoryInfo? _folder;
    private readonly List<IRunStore> _opened = [];

    internal World(bool sqlite)
    {
        if (sqlite)
            _folder = Directory.CreateTempSubdirectory("fletcher-client-");
        else
            _memory = new SurvivingStore();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What a new process sees of the store.</summary>
    internal async Task<IRunStore> OpenAsync()
    {
        var store = Open();
        await store.OpenAsync(Cancellation);
        _opened.Add(store);
        return store;
    }

    /// <summary>A process, until it is disposed.</summary>
    internal TestHost Start(Action<FletcherOptions>? configure = null) => new(Open(), configure: configure);

    /// <summary>A process that calls a flow and ends.</summary>
    internal async Task<T> RunAsync<T>(Func<Task<T>> flow, Action<FletcherOptions>? configure = null)
    {
        await using var host = new TestHost(Open(), configure: configure);
        return await host.Run(flow);
    }

    /// <summary>A process that calls a flow that fails, and ends.</summary>
    internal async Task<TError> FailAsync<TError>(Func<Task> flow)
        where TError : Exception
    {
        await using var host = new TestHost(Open());
        return await Assert.ThrowsAsync<TError>(() => host.Run(flow));
    }

    /// <summary>A client in a process of its own, without a host.</summary>
    internal async Task<FletcherClient> ClientAsync(string actor = "ada") => new(await OpenAsync(), actor);

    /// <summary>A process that takes runs of this program's flows, until it is disposed.</summary>
    internal async Task<Server> ServeAsync(IRunStore? store = null, Action<FletcherOptions>? configure = null)
    {
        var ends = new Ends();
        var host = new TestHost(store ?? Open(), configure: options =>
        {
            options.TakesRuns = true;
            options.FlowAssemblies.Add(Assembly.GetExecutingAssembly());
            options.Observers.Add(ends);
            configure?.Invoke(options);
        });
        await host.Host.StartAsync(Cancellation);
        return new Server(host, ends);
    }

    internal async Task<FlowRunRecord> OnlyRootAsync() => Assert.Single(
        await (await OpenAsync()).GetFlowRunsAsync(new FlowRunQuery(), Cancellation), run => run.RootRunId == run.Id);

    /// <summary>The one open question, as soon as it is asked.</summary>
    internal async Task<QuestionRecord> QuestionAsync()
    {
        var store = await OpenAsync();
        while (true)
        {
            if (await store.GetQuestionsAsync(null, true, 2, Cancellation) is { Count: > 0 } asked)
                return Assert.Single(asked);
            await Task.Yield();
        }
    }

    /// <summary>Waits until a run is as it should be.</summary>
    internal async Task<FlowRunRecord> UntilAsync(RunId run, Predicate<FlowRunRecord> condition)
    {
        var store = await OpenAsync();
        while (true)
        {
            if (await store.GetFlowRunAsync(run, Cancellation) is { } found && condition(found))
                return found;
            await Task.Yield();
        }
    }

    internal async Task<FlowRunRecord> RunOfAsync(RunId run) => (await (await OpenAsync()).GetFlowRunAsync(run, Cancellation))!;

    internal async Task<List<StepRunRecord>> StepsAsync(RunId run) => await (await OpenAsync()).GetStepRunsAsync(run, Cancellation).ToListAsync(Cancellation);

    internal async Task<IReadOnlyList<LedgerEntry>> LedgerAsync(RunId run) => await (await OpenAsync()).GetLedgerAsync(run, Cancellation);

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _opened)
            await store.DisposeAsync();
        _folder?.Delete(recursive: true);
    }

    private IRunStore Open() => _memory?.Reopen() ?? (IRunStore)new SqliteStore(new SqliteStoreOptions
    {
        Path = Path.Combine(_folder!.FullName, "runs.db"),
        Durability = Durability.Process,
    });

    /// <summary>A process that takes runs.</summary>
    internal sealed class Server(TestHost host, Ends ends) : IAsyncDisposable
    {
        internal FletcherHost Host => host.Host;

        internal Task<FlowRunRecord> EndOfAsync(RunId run) => ends.Of(run).WithinLimit($"the end of run {run}");

        public ValueTask DisposeAsync() => host.DisposeAsync();
    }

    /// <summary>Sees runs end.</summary>
    internal sealed class Ends : IRunObserver
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<RunId, TaskCompletionSource<FlowRunRecord>> _ends = [];

        internal Task<FlowRunRecord> Of(RunId run) => Source(run).Task;

        public void FlowRunChanged(FlowRunRecord run, FlowDefinition flow)
        {
            if (run.State.IsEnd() && run.State != FlowRunState.Crashed)
                Source(run.Id).TrySetResult(run);
        }

        public void StepRunChanged(FlowRunRecord run, StepRunRecord step)
        {
        }

        public void LogWritten(LogLine line)
        {
        }

        public void ArtifactWritten(ArtifactRecord artifact)
        {
        }

        public void Note(string message)
        {
        }

        private TaskCompletionSource<FlowRunRecord> Source(RunId run)
        {
            lock (_gate)
            {
                if (!_ends.TryGetValue(run, out var source))
                    _ends[run] = source = new TaskCompletionSource<FlowRunRecord>(TaskCreationOptions.RunContinuationsAsynchronously);
                return source;
            }
        }
    }
}
