using Fletcher.Health;
using Fletcher.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the health of an application's host to its health checks.</summary>
public static class FletcherHealthChecksBuilderExtensions
{
    /// <summary>The name of the check whether the host moves; its tag is <c>live</c>.</summary>
    public const string LivenessName = "fletcher-live";

    /// <summary>The name of the check whether the host can begin and take runs; its tag is <c>ready</c>.</summary>
    public const string ReadinessName = "fletcher-ready";

    /// <summary>
    /// Adds two checks of the host that <c>AddFletcher</c> made. <c>fletcher-live</c>, with the tag <c>live</c>: the host's loop and pulse move. <c>fletcher-ready</c>, with the tag <c>ready</c>: the host has started
    /// and does not stop, its store answers, and it has looked there lately. Both tell as data how many runs and processes there are, how many steps were left behind at their time limit, how long ago the host looked at
    /// its store, and what the last look that failed did so with.
    /// </summary>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="configure">Sets the limits. Default: those of <see cref="FletcherHealthOptions"/>.</param>
    /// <param name="failureStatus">What is reported when a check fails. Default: unhealthy.</param>
    /// <exception cref="Fletcher.FletcherUsageException">A limit is not more than zero.</exception>
    public static IHealthChecksBuilder AddFletcher(
        this IHealthChecksBuilder builder, Action<FletcherHealthOptions>? configure = null, HealthStatus? failureStatus = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new FletcherHealthOptions();
        configure?.Invoke(options);
        options.Check();
        return builder
            .Add(new HealthCheckRegistration(LivenessName, services => new HostLiveness(services.GetRequiredService<FletcherHost>(), options), failureStatus, ["live"]))
            .Add(new HealthCheckRegistration(ReadinessName, services => new HostReadiness(services.GetRequiredService<FletcherHost>(), options), failureStatus, ["ready"]));
    }
}
