using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fletcher.Hosting;

/// <summary>Ties a Fletcher host to the life of an application.</summary>
internal sealed class FletcherHostedService(FletcherHost host, IServiceProvider services) : IHostedLifecycleService
{
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(5);

    private FletcherHost? _before;

    /// <summary>
    /// In a process that was started for one run, the run is executed here, before anything of the application starts, and the process ends: its ports are the parent's, and its other services would do
    /// their work twice.
    /// </summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (host.IsolatedRun is not { } order)
            return;
        AmbientHost.Set(host);
        var stop = Task.WhenAny(ParentWatch.Start(), WhenStopping()).Unwrap();
        await new RunForParent(host, order).ExecuteAsync(stop).ConfigureAwait(false);

        // So that what is logged arrives, and what services hold is let go of.
        if (services is IAsyncDisposable closing)
            await closing.DisposeAsync().AsTask().WaitAsync(CloseLimit, TimeProvider.System, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Environment.Exit(0);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await host.StartAsync(cancellationToken).ConfigureAwait(false);
        _before = AmbientHost.Set(host);
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The token is cancelled when the application's own time to stop is up (HostOptions.ShutdownTimeout): steps that
            // have not stopped by then are left behind, and their runs handed over nevertheless.
            await host.StopAsync("its application stops", cancellationToken).ConfigureAwait(false);
            await host.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            // Not before: a flow that is called while the application stops must not get a host of its own.
            AmbientHost.Set(_before);
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Task<string> WhenStopping()
    {
        var stopping = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        services.GetService<IHostApplicationLifetime>()?.ApplicationStopping.UnsafeRegister(static stopping => ((TaskCompletionSource<string>)stopping!).TrySetResult("its own process was told to stop"), stopping);
        return stopping.Task;
    }
}
