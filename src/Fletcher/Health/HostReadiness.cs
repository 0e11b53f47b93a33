using System.Globalization;
using Fletcher.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fletcher.Health;

/// <summary>Whether the host can begin and take runs now.</summary>
internal sealed class HostReadiness(FletcherHost host, FletcherHealthOptions options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        var (trouble, error) = await FindTroubleAsync(cancellationToken).ConfigureAwait(false);
        var data = HostReport.Of(host);
        return trouble is null
            ? HealthCheckResult.Healthy("The host is ready.", data)
            : new HealthCheckResult(context.Registration.FailureStatus, trouble, error, data);
    }

    private async Task<(string? Trouble, Exception? Error)> FindTroubleAsync(CancellationToken cancellationToken)
    {
        if (host.IsStopping)
            return ("The host stops.", null);
        if (!host.IsStarted)
            return ("The host has not started.", null);
        try
        {
            // Apart from the calling thread, as a store may block it.
            await Task.Run(() => host.Store.GetLastMessageAsync(cancellationToken).AsTask(), cancellationToken)
                .WaitAsync(options.StoreTimeout, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return (string.Create(CultureInfo.InvariantCulture, $"The store did not answer within {options.StoreTimeout.TotalSeconds:0.#} s."), null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return ($"The store does not answer: {e.Message}", e);
        }

        return host.IsBusy && host.Health.SinceLook is var since && since > options.ReadyWithin
            ? (string.Create(CultureInfo.InvariantCulture, $"The host has not looked at its store for {since.TotalSeconds:0} s{(host.Health.Trouble is { } trouble ? ": " + trouble.Message : ".")}"), host.Health.Trouble)
            : default;
    }
}
