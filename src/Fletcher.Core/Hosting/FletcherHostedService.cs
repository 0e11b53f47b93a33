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
        AmbientHost.Set(_before);

        // A step that ignores its token must not keep the application from ending; what was done is committed by then.
        await host.DisposeAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
