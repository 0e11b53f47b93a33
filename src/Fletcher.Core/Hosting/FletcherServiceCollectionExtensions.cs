using Fletcher.Engine;
using Fletcher.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Fletcher to an application.</summary>
public static class FletcherServiceCollectionExtensions
{
    /// <summary>
    /// Makes flows run on a host of this application: its store is opened when the application starts, what is logged inside a run
    /// is kept with the run, and the host ends with the application. May be called several times; the settings add up.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Chooses the store and sets the rest.</param>
    public static IServiceCollection AddFletcher(this IServiceCollection services, Action<FletcherOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (!services.Any(service => service.ServiceType == typeof(FletcherHost)))
        {
            services.AddOptions<FletcherOptions>().Configure<IServiceProvider>((options, provider) =>
            {
                options.TakesRuns = true;
                options.Services = provider;
                options.ProcessStart = ProcessStart.Main;
            });
        }

        if (configure is not null)
            services.Configure(configure);
        services.TryAddSingleton(provider =>
        {
            var options = provider.GetRequiredService<Options.IOptions<FletcherOptions>>().Value;
            if (provider.GetService<TimeProvider>() is { } time && options.Time == TimeProvider.System)
                options.Time = time;
            if (IsolatedRun.Read(ProcessStart.Main) is { } order)
                options.MakeFor(order);
            return new FletcherHost(options);
        });
        services.TryAddSingleton(static provider => provider.GetRequiredService<FletcherHost>().Client);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, RunLoggerProvider>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, FletcherHostedService>());
        return services;
    }
}
