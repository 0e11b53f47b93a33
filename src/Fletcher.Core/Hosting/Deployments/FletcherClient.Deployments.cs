using Fletcher.Model;
using Fletcher.Scheduling;

namespace Fletcher.Hosting;

/// <summary>Deployments, seen and changed from outside.</summary>
public sealed partial class FletcherClient
{
    /// <summary>
    /// Declares a deployment: <c>await client.DeployAsync(() => Billing.InvoiceMonth(default), new() { Schedule = Schedule.Daily(new(6, 0), "Europe/Berlin") })</c>. What was declared under the name before is
    /// replaced; what an operator set stays. It is kept until <see cref="DeleteDeploymentAsync"/>.
    /// </summary>
    /// <param name="flow">Calls the flow with the parameters that each run has, and nothing else; the call is not made. A parameter marked <see cref="ScheduledTimeAttribute"/> gets the time of each firing.</param>
    /// <param name="deployment">Name, schedule and the rest. Default: the flow's name, and no schedule.</param>
    /// <param name="cancellationToken">Gives up; whether it is kept then is not known.</param>
    /// <exception cref="FletcherUsageException">The code calls no flow, or a setting cannot be used (FLT1710): the message has all of them.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be written.</exception>
    public async Task<DeploymentStatus> DeployAsync(Func<Task> flow, DeploymentOptions? deployment = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var name = await DeclareAsync(new DeploymentDeclaration(flow, null, null, deployment ?? new DeploymentOptions()), cancellationToken).ConfigureAwait(false);
        return await StatusAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Declares a deployment of a flow by its name, also from a program that does not have it; see <see cref="DeployAsync(Func{Task}, DeploymentOptions?, CancellationToken)"/>.</summary>
    /// <param name="flow">The flow's stable name.</param>
    /// <param name="parameters">An object with a property for each parameter that is not to have the flow's default; <c>new { }</c> for none.</param>
    /// <param name="deployment">Name, schedule and the rest. Default: the flow's name, and no schedule.</param>
    /// <param name="cancellationToken">Gives up; whether it is kept then is not known.</param>
    /// <exception cref="FletcherUsageException">Nobody knows the flow, a parameter does not fit, or a setting cannot be used (FLT1710): the message has all of them.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be written.</exception>
    public Task<DeploymentStatus> DeployAsync<TParameters>(
        string flow, TParameters parameters, DeploymentOptions? deployment = null, CancellationToken cancellationToken = default) =>
        DeployAsync(flow, GivenValue.Of(parameters), deployment, cancellationToken);

    /// <summary>Declares a deployment of a flow by its name with parameters in JSON; see <see cref="DeployAsync{TParameters}(string, TParameters, DeploymentOptions?, CancellationToken)"/>.</summary>
    /// <param name="flow">The flow's stable name.</param>
    /// <param name="json">A JSON object with a property for each parameter that is not to have the flow's default; <c>{}</c> for none.</param>
    /// <param name="deployment">Name, schedule and the rest. Default: the flow's name, and no schedule.</param>
    /// <param name="cancellationToken">Gives up; whether it is kept then is not known.</param>
    /// <exception cref="FletcherUsageException">As for the other one, or the text is no JSON.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be written.</exception>
    public Task<DeploymentStatus> DeployJsonAsync(string flow, string json, DeploymentOptions? deployment = null, CancellationToken cancellationToken = default) =>
        DeployAsync(flow, GivenValue.OfJson(json), deployment, cancellationToken);

    /// <summary>Sets something over what a deployment declares, beside what was set before. It holds, also when the deployment is declared anew, until <see cref="ResetDeploymentAsync"/>.</summary>
    /// <param name="name">The deployment.</param>
    /// <param name="changes">What is to be set: what is null stays.</param>
    /// <param name="reason">Why, in one sentence. Default: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <remarks>Another schedule counts from now on. What an earlier one missed is not caught up; see <see cref="BackfillAsync"/>.</remarks>
    /// <exception cref="FletcherUsageException">There is no such deployment (FLT1713), or what would hold then cannot be used (FLT1710).</exception>
    public async Task<DeploymentStatus> SetDeploymentAsync(string name, DeploymentChanges changes, string? reason = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(changes);
        if (changes.Parameters is { } parameters)
            changes = changes with { Parameters = ReadParameters(name, GivenValue.OfJson(parameters)) };
        await ChangeAsync(
            name,
            async known =>
            {
                if (known is null)
                    throw await MissingAsync(name, cancellationToken).ConfigureAwait(false);
                var now = _time.GetUtcNow();
                var set = known with { Set = new DeploymentOverride(known.Set?.Changes.With(changes) ?? changes, now, Actor, reason) };
                await CheckAsync(name, set.Effective, cancellationToken).ConfigureAwait(false);
                return Timed(known, set, now);
            },
            cancellationToken).ConfigureAwait(false);
        return await StatusAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes back what was set, so that what is declared holds again. A pause stays.</summary>
    /// <param name="name">The deployment.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether anything was set.</returns>
    /// <exception cref="FletcherUsageException">There is no such deployment (FLT1713).</exception>
    public Task<bool> ResetDeploymentAsync(string name, CancellationToken cancellationToken = default) =>
        ChangeKnownAsync(name, (known, now) => known.Set is null ? known : Timed(known, known with { Set = null }, now), cancellationToken);

    /// <summary>Pauses a deployment: nothing of it is started by itself, backfills neither, until <see cref="ResumeDeploymentAsync"/>. Runs that are there go on.</summary>
    /// <param name="name">The deployment.</param>
    /// <param name="reason">Why, in one sentence. Default: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when it was paused already; then the one who did stays.</returns>
    /// <exception cref="FletcherUsageException">There is no such deployment (FLT1713).</exception>
    public Task<bool> PauseDeploymentAsync(string name, string? reason = null, CancellationToken cancellationToken = default) => ChangeKnownAsync(
        name, (known, now) => known.Paused is not null ? known : Timed(known, known with { Paused = new DeploymentPause(now, Actor, reason) }, now), cancellationToken);

    /// <summary>Ends a pause. Firings count from now on: those of the pause are left out, whatever catch-up says; see <see cref="BackfillAsync"/>.</summary>
    /// <param name="name">The deployment.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was paused.</returns>
    /// <exception cref="FletcherUsageException">There is no such deployment (FLT1713).</exception>
    public Task<bool> ResumeDeploymentAsync(string name, CancellationToken cancellationToken = default) => ChangeKnownAsync(
        name, (known, now) => known.Paused is null ? known : Timed(known, known with { Paused = null }, now), cancellationToken);

    /// <summary>Deletes a deployment, and what was set of it. Its runs stay. What code declares is there again when the next host starts.</summary>
    /// <param name="name">The deployment.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DeleteDeploymentAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var was = false;
        await ChangeAsync(
            name,
            known =>
            {
                was = known is not null;
                return new((DeploymentRecord?)null);
            },
            cancellationToken).ConfigureAwait(false);
        return was;
    }

    /// <summary>A deployment, and how it is getting on; null when there is none.</summary>
    /// <param name="name">The deployment.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<DeploymentStatus?> GetDeploymentAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var store = await OpenDeploymentsAsync(cancellationToken).ConfigureAwait(false);
        return await store.GetAsync(name, cancellationToken).ConfigureAwait(false) is { } record
            ? (await StatusesAsync([record], cancellationToken).ConfigureAwait(false))[0]
            : null;
    }

    /// <summary>Deployments by name (ordinal), and how they are getting on.</summary>
    /// <param name="after">Only names after this one, for the next page. Default: from the first.</param>
    /// <param name="limit">How many at the most; from 1. Default 100.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<DeploymentStatus>> GetDeploymentsAsync(string? after = null, int limit = 100, CancellationToken cancellationToken = default)
    {
        var store = await OpenDeploymentsAsync(cancellationToken).ConfigureAwait(false);
        return await StatusesAsync(await store.ListAsync(after, limit, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    private async Task<DeploymentStatus> DeployAsync(string flow, GivenValue parameters, DeploymentOptions? deployment, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(flow);
        var name = await DeclareAsync(new DeploymentDeclaration(null, flow, parameters, deployment ?? new DeploymentOptions()), cancellationToken).ConfigureAwait(false);
        return await StatusAsync(name, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> ChangeKnownAsync(string name, Func<DeploymentRecord, DateTimeOffset, DeploymentRecord> change, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var isChanged = false;
        await ChangeAsync(
            name,
            async known =>
            {
                var changed = change(known ?? throw await MissingAsync(name, cancellationToken).ConfigureAwait(false), _time.GetUtcNow());
                isChanged = !ReferenceEquals(changed, known);
                return changed;
            },
            cancellationToken).ConfigureAwait(false);
        return isChanged;
    }

    private async ValueTask<DeploymentStatus> StatusAsync(string name, CancellationToken cancellationToken) =>
        await GetDeploymentAsync(name, cancellationToken).ConfigureAwait(false) ?? throw await MissingAsync(name, cancellationToken).ConfigureAwait(false);

    private async ValueTask<IReadOnlyList<DeploymentStatus>> StatusesAsync(IReadOnlyList<DeploymentRecord> records, CancellationToken cancellationToken)
    {
        // Hosts that take runs look for firings as long as they live.
        var living = await _store.GetLivingHostsAsync(cancellationToken).ConfigureAwait(false);
        var look = living.Where(host => host.Flows.Count > 0).Max(host => (DateTimeOffset?)host.HeartbeatAt);
        var asked = records.SelectMany(record => record.Open).ToHashSet();
        var over = asked.Count == 0 ? [] : (await _store.FindOverAsync(asked, cancellationToken).ConfigureAwait(false)).ToHashSet();
        var now = _time.GetUtcNow();
        List<DeploymentStatus> statuses = [];
        foreach (var record in records)
        {
            var open = record.Open.FirstOrDefault(run => !over.Contains(run));
            var since = open.IsEmpty ? null : (await _store.GetFlowRunAsync(open, cancellationToken).ConfigureAwait(false))?.CreatedAt;
            statuses.Add(DeploymentStatus.Of(record, now, look, since));
        }

        return statuses;
    }

    private async ValueTask<FletcherUsageException> MissingAsync(string name, CancellationToken cancellationToken)
    {
        var store = await OpenDeploymentsAsync(cancellationToken).ConfigureAwait(false);
        var names = (await store.ListAsync(null, 1_000, cancellationToken).ConfigureAwait(false)).Select(record => record.Name).ToList();
        var near = Diagnosis.SimilarName.Find(name, names) is { } similar ? $" Did you mean '{similar}'?" : names.Count == 0 ? " There is none yet." : "";
        return new FletcherUsageException("FLT1713", $"There is no deployment '{name}' in the store ({_store.Description}).{near}");
    }
}
