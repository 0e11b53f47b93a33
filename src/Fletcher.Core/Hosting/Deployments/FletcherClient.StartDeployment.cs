using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>Deployments, started by somebody.</summary>
public sealed partial class FletcherClient
{
    /// <summary>
    /// Starts one run of a deployment, with its parameters, priority, queue, labels and tags, whether it is paused or not. It is no firing: the schedule goes on as it would, and what
    /// <see cref="DeploymentOptions.Overlap"/> says does not count for it.
    /// </summary>
    /// <param name="name">The deployment.</param>
    /// <param name="options">Other parameters, the time that it is for, when, and with which key. Default: at once, for now, as it is deployed.</param>
    /// <param name="cancellationToken">Gives up; whether the run is kept then is not known.</param>
    /// <returns>The run, and whether it is new.</returns>
    /// <exception cref="FletcherUsageException">
    /// There is no such deployment (FLT1713); the parameters do not fit the flow (FLT1517); or an option is out of its range.
    /// </exception>
    /// <exception cref="StoreUnavailableException">The store cannot be written.</exception>
    public async Task<StartedRun> StartDeploymentAsync(string name, DeploymentStartOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        options ??= new DeploymentStartOptions();
        var store = await OpenDeploymentsAsync(cancellationToken).ConfigureAwait(false);
        var record = await store.GetAsync(name, cancellationToken).ConfigureAwait(false) ?? throw await MissingAsync(name, cancellationToken).ConfigureAwait(false);
        var settings = record.Effective;
        var over = options.Parameters is { } given ? ReadParameters(settings.Flow, GivenValue.OfJson(given)) : null;
        var flow = await FindFlowAsync(settings.Flow, true, cancellationToken).ConfigureAwait(false);
        var time = options.ScheduledTime ?? _time.GetUtcNow();
        var request = Request(name, settings, flow, over, settings.Schedule?.ToSchedule().AtZone(time) ?? time);
        request = request with
        {
            Options = request.Options with
            {
                At = options.At,
                IdempotencyKey = options.IdempotencyKey,
                Reason = options.Reason is { } why ? $"deployment '{name}', {why}" : $"deployment '{name}'",
            },
        };
        request.Options.Check();
        return (await StartAsync([request], cancellationToken).ConfigureAwait(false))[0];
    }
}
