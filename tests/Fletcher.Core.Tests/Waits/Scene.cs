using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Fletcher.Engine.Tests.Waits;

/// <summary>
/// Hosts on one store, one after the other or side by side, with a clock that only moves when the test says so. A run is parked as soon as
/// all it does is to wait.
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    internal static readonly DateTimeOffset Start = new(2026, 10, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly SurvivingStore _memory;
    private readonly DirectoryInfo? _folder;
    private readonly IRunStore _reader;
    private readonly List<TestHost> _hosts = [];

    internal Scene(bool sqlite = false)
    {
        Time = new FakeTimeProvider(Start);
        _memory = new SurvivingStore(Time);
        _folder = sqlite ? Directory.CreateTempSubdirectory("fletcher-waits-") : null;
        _reader = NewStore();
    }

    internal FakeTimeProvider Time { get; }

    /// <summary>The host that was made last.</summary>
    internal TestHost Host => _hosts[^1];

    internal FletcherClient Client => Host.Host.Client;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Makes a host that runs what the test calls.</summary>
    internal TestHost NewHost(Action<FletcherOptions>? configure = null) => NewHost(NewStore(), configure);

    /// <inheritdoc cref="NewHost(Action{FletcherOptions}?)"/>
    internal TestHost NewHost(IRunStore store, Action<FletcherOptions>? configure = null)
    {
        var host = new TestHost(store, Time, options =>
        {
            options.ParkAfter = TimeSpan.Zero;
            options.ShutdownGrace = TimeSpan.FromSeconds(20);
            configure?.Invoke(options);
        });
        _hosts.Add(host);
        return host;
    }

    /// <summary>Makes a host that takes by itself what is due.</summary>
    internal async Task<TestHost> NewServer(Action<FletcherOptions>? configure = null)
    {
        var host = NewHost(options =>
        {
            options.TakesRuns = true;
            configure?.Invoke(options);
        });
        await host.Host.StartAsync(Cancellation);
        return host;
    }

    /// <summary>Takes out a host whose process was killed, for the test to end it.</summary>
    internal TestHost Forget(int index)
    {
        var host = _hosts[index];
        _hosts.RemoveAt(index);
        return host;
    }

    /// <summary>Another process's view of the store.</summary>
    internal IRunStore NewStore() => _folder is null ? _memory.Reopen() : new SqliteStore(new SqliteStoreOptions
    {
        Path = Path.Combine(_folder.FullName, "runs.db"),
        Durability = Durability.Process,
        TimeProvider = Time,
    });

    /// <summary>What the store has, whichever hosts there are.</summary>
    internal async Task<IRunStore> Store()
    {
        await _reader.OpenAsync(Cancellation);
        return _reader;
    }

    internal async Task<FlowRunRecord> Run() => Assert.Single(await Runs());

    internal async Task<FlowRunRecord> Run(RunId id) => (await (await Store()).GetFlowRunAsync(id, Cancellation))!;

    /// <summary>The step runs of the one run, or of another.</summary>
    internal async Task<List<StepRunRecord>> StepRuns(RunId? run = null) =>
        await (await Store()).GetStepRunsAsync(run ?? (await Run()).Id, Cancellation).ToListAsync(Cancellation);

    /// <summary>The one run of the flow with this method name.</summary>
    internal async Task<FlowRunRecord> RunOf(string flow) => Assert.Single(await Runs(), run => IsOf(run, flow));

    internal async Task<IReadOnlyList<FlowRunRecord>> Runs() => await (await Store()).GetFlowRunsAsync(new FlowRunQuery(), Cancellation);

    internal async Task<List<string>> Ledger(RunId run)
    {
        await Host.Host.FlushAsync();
        return [.. (await (await Store()).GetLedgerAsync(run, Cancellation)).Select(entry => entry.Reason!)];
    }

    /// <summary>Waits until the run waits and nobody has it.</summary>
    internal Task<FlowRunRecord> Parked(string? flow = null) => Until(run => run is { HostId: null, State: FlowRunState.Waiting, WakeAt: var wake } && !(wake <= Time.GetUtcNow()), flow);

    /// <summary>Waits until the run is as the test wants it.</summary>
    internal async Task<FlowRunRecord> Until(Func<FlowRunRecord, bool> condition, string? flow = null)
    {
        FlowRunRecord? found = null;
        await Until(async () =>
        {
            found = (await Runs()).FirstOrDefault(run => (flow is null || IsOf(run, flow)) && condition(run));
            return found is not null;
        }, async () => string.Join("; ", (await Runs()).Select(run => $"{run.Flow} {run.State} '{run.Reason}' host {run.HostId} due {run.WakeAt}")));
        return found!;
    }

    /// <summary>Waits until so many step runs of the run are in this state, and returns the run.</summary>
    internal async Task<FlowRunRecord> Steps(StepRunState state, int count = 1, string? flow = null)
    {
        FlowRunRecord? found = null;
        await Until(async () =>
        {
            foreach (var run in await Runs())
            {
                if ((flow is null || IsOf(run, flow)) && (await StepRuns(run.Id)).Count(step => step.State == state) == count)
                    found = run;
            }

            return found is not null;
        }, async () => $"{count} steps {state} in: {string.Join("; ", (await Runs()).Select(run => $"{run.Flow} {run.State} '{run.Reason}'"))}");
        return found!;
    }

    internal Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()), () => Task.FromResult("the condition"));

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
            await host.DisposeAsync();
        await _reader.DisposeAsync();
        _folder?.Delete(recursive: true);
    }

    internal Task Until(Func<Task<bool>> condition) => Until(condition, () => Task.FromResult("the condition"));

    private async Task Until(Func<Task<bool>> condition, Func<Task<string>> what)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(begun) > TimeSpan.FromSeconds(30))
                throw new TimeoutException($"It did not come to that within 30 s: {await what()}");

            // What its thread does every quarter of a second, so that nobody waits for that.
            foreach (var host in _hosts)
                host.Host.Pulse.Beat();
            await Task.Yield();
        }
    }

    private static bool IsOf(FlowRunRecord run, string flow) => run.Flow.EndsWith("." + flow, StringComparison.Ordinal);
}
