using System.Globalization;
using Fletcher.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fletcher.Health;

/// <summary>Whether the host moves. If it does not, only a new process helps; a store that is away is no reason.</summary>
internal sealed class HostLiveness(FletcherHost host, FletcherHealthOptions options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) => Task.FromResult(Check(context.Registration.FailureStatus));

    private HealthCheckResult Check(HealthStatus failed)
    {
        var data = HostReport.Of(host);

        // A host that has nothing to do stands still, and one that stops soon does for ever.
        if (!host.IsBusy || host.IsStopping)
            return HealthCheckResult.Healthy("The host has nothing to do.", data);
        if (host.Health.SinceTurn is var turn && turn > options.LiveWithin)
            return new HealthCheckResult(failed, string.Create(CultureInfo.InvariantCulture, $"The host's loop has stood still for {turn.TotalSeconds:0} s."), null, data);
        if (host.Health.SincePulse is var pulse && pulse > options.LiveWithin)
            return new HealthCheckResult(failed, string.Create(CultureInfo.InvariantCulture, $"The host's pulse has stood still for {pulse.TotalSeconds:0} s."), null, data);
        return HealthCheckResult.Healthy("The host's loop and its pulse move.", data);
    }
}
