using Microsoft.Extensions.Hosting;

namespace Fletcher.Hosting;

/// <summary>Ties a Fletcher host to the life of an application.</summary>
internal sealed class FletcherHostedService(FletcherHost host) : IHostedService
{
    private FletcherHost? _before;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await host.StartAsync(cancellationToken).ConfigureAwait(false);
        _before = AmbientHost.Set(host);
    }

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
}
