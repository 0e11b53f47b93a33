using System.Reflection;
using Fletcher.Engine.Tests;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting.Tests;

/// <summary>Hosts on one store that outlives them, on clocks of a test.</summary>
internal sealed class DeploymentScene : IAsyncDisposable
{
    private readonly SurvivingStore _first;
    private readonly List<TestHost> _hosts = [];

    internal DeploymentScene() => _first = new SurvivingStore(Clock);

    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal TestClock Clock { get; } = new();

    internal FletcherClient Client => new(_first, "ada", time: Clock);

    internal IDeploymentStore Deployments => _first.Deployments;

    internal IRunStore Store => _first;

    /// <summary>A process of its own that takes runs, and fires.</summary>
    internal async Task<TestHost> ServeAsync(Action<FletcherOptions>? configure = null, TimeProvider? clock = null, SurvivingStore? store = null)
    {
        var host = new TestHost(store ?? _first.Reopen(), clock ?? Clock, options =>
        {
            options.TakesRuns = true;
            options.FlowAssemblies.Add(Assembly.GetExecutingAssembly());
            options.CodeVersion = "1";
            configure?.Invoke(options);
        });
        _hosts.Add(host);
        await host.Host.StartAsync(Cancellation);
        return host;
    }

    internal SurvivingStore NewProcess() => _first.Reopen();

    internal void Forget(TestHost host) => _hosts.Remove(host);

    internal async Task<DeploymentRecord> RecordAsync(string name) => (await Deployments.GetAsync(name, Cancellation))!;

    /// <summary>Waits until a deployment is as it should be.</summary>
    internal Task<DeploymentRecord> UntilAsync(string name, Predicate<DeploymentRecord> condition)
    {
        return LookAsync().WithinLimit($"a change of deployment {name}");

        async Task<DeploymentRecord> LookAsync()
        {
            while (true)
            {
                Cancellation.ThrowIfCancellationRequested();
                if (await Deployments.GetAsync(name, Cancellation) is { } record && condition(record))
                    return record;
                await Task.Yield();
            }
        }
    }

    /// <summary>Runs of a flow, oldest first.</summary>
    internal async Task<List<FlowRunRecord>> RunsAsync(string flow) =>
        [.. (await _first.GetFlowRunsAsync(new FlowRunQuery { Limit = 1_000 }, Cancellation)).Where(run => run.Flow == flow).OrderBy(run => run.Id)];

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
            await host.DisposeAsync();
    }
}
