using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Scheduling;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>How deployments are declared, checked and changed.</summary>
public sealed partial class FletcherClient
{
    /// <summary>Declares a deployment of the host's program.</summary>
    /// <returns>Its name.</returns>
    internal async ValueTask<string> DeclareAsync(DeploymentDeclaration declaration, CancellationToken cancellationToken)
    {
        var (flow, parameters) = declaration.Call is { } call
            ? await ReadCallAsync(call).ConfigureAwait(false)
            : (declaration.Flow!, ReadParameters(declaration.Flow!, declaration.Parameters!));
        var name = declaration.Options.Name ?? flow;
        await DeclareAsync(name, declaration.Options.ToSettings(flow, parameters), false, cancellationToken).ConfigureAwait(false);
        return name;
    }

    /// <summary>Declares what the attribute of a flow says, and takes back what it said before when it says nothing any more.</summary>
    internal async ValueTask DeclareAttributeAsync(FlowDefinition flow, CancellationToken cancellationToken)
    {
        if (flow.Schedule is { } text)
        {
            var settings = new DeploymentSettings
            {
                Flow = flow.Id,
                Schedule = new DeploymentSchedule { Text = text, Zone = flow.Zone ?? "UTC" },
                CatchUp = flow.CatchUp,
                Overlap = flow.Overlap,
            };
            await DeclareAsync(flow.Id, settings, true, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await ChangeAsync(
                flow.Id, known => new(known is { Declared.IsByAttribute: true } ? null : known), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The runs of firings, ready to be started.</summary>
    /// <exception cref="FletcherUsageException">The parameters do not fit the flow.</exception>
    internal async ValueTask<IReadOnlyList<RunStart>> PrepareAsync(
        DeploymentRecord record, IReadOnlyList<DateTimeOffset> times, Schedule? schedule, CancellationToken cancellationToken)
    {
        if (times.Count == 0)
            return [];
        var settings = record.Effective;
        var flow = await FindFlowAsync(settings.Flow, true, cancellationToken).ConfigureAwait(false);
        List<StartRequest> requests = [];
        foreach (var time in times)
        {
            var local = schedule?.AtZone(time) ?? time;
            requests.Add(Request(record.Name, settings, flow, null, local) with
            {
                Options = OptionsOf(record.Name, settings) with
                {
                    IdempotencyKey = KeyOf(record.Name, time),
                    Reason = $"the firing of {FiringDecision.Shown(local)} of deployment '{record.Name}'",
                },
            });
        }

        var lacks = await FindLacksAsync(requests, cancellationToken).ConfigureAwait(false);
        var dueAt = _time.GetUtcNow() - TimeSpan.FromMicroseconds(requests.Count);
        return [.. requests.Select(request => NewStart(request, dueAt += TimeSpan.FromMicroseconds(1), lacks))];
    }

    /// <summary>What keeps a firing from being started twice, also by a backfill.</summary>
    private static string KeyOf(string deployment, DateTimeOffset time) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"deployment {deployment} {time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF}Z");

    private static StartOptions OptionsOf(string name, DeploymentSettings settings) => new()
    {
        Priority = settings.Priority,
        Queue = settings.Queue,
        Labels = settings.Labels,
        Tags = [$"deployment:{name}", .. settings.Tags],
    };

    /// <param name="name">The deployment.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="flow">Its flow.</param>
    /// <param name="over">A JSON object with the parameters that are to be others, whatever fills them; null for none.</param>
    /// <param name="time">The time that the run is for.</param>
    private StartRequest Request(string name, DeploymentSettings settings, KnownFlow flow, string? over, DateTimeOffset time)
    {
        var parameters = ScheduledTime.Fill(flow, settings.Parameters, time);
        var json = GivenValue.OfJson(over is null ? parameters : DeploymentChanges.Merge(parameters, over)).ToJson(_json, $"parameters of deployment '{name}'");
        return new StartRequest(flow, StartParameters.Check(flow, json, _host?.Codec ?? new ValueCodec(_json)), OptionsOf(name, settings));
    }

    private async ValueTask DeclareAsync(string name, DeploymentSettings settings, bool isByAttribute, CancellationToken cancellationToken)
    {
        await CheckAsync(name, settings, cancellationToken).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        var version = new DeploymentVersion(settings, now, Actor, _host is not null && Actor == "code" ? _host.CodeVersion : null, isByAttribute);
        await ChangeAsync(
            name,
            known => known is null
                ? new(Timed(null, new DeploymentRecord { Name = name, Declared = version, HandledAt = now }, now))
                : new(known.Declared with { At = now } == version ? known : Timed(known, known with { Declared = version }, now)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A record that was changed, with the times that follow. Another schedule counts from now on: what it would have fired before was never missed.</summary>
    private static DeploymentRecord Timed(DeploymentRecord? before, DeploymentRecord after, DateTimeOffset now)
    {
        var counts = before is not null && (before.Effective.Schedule != after.Effective.Schedule || (before.Paused is not null && after.Paused is null));
        if (counts && after.HandledAt < now)
            after = after with { HandledAt = now };
        return after with { NextAt = FiringDecision.FindNext(after, after.Effective.Schedule?.ToSchedule(), now) };
    }

    /// <summary>Changes a deployment as it is when nobody else does.</summary>
    /// <returns>What it is now; null when it is gone.</returns>
    private async ValueTask<DeploymentRecord?> ChangeAsync(
        string name, Func<DeploymentRecord?, ValueTask<DeploymentRecord?>> change, CancellationToken cancellationToken)
    {
        var store = await OpenDeploymentsAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var known = await store.GetAsync(name, cancellationToken).ConfigureAwait(false);
            var changed = await change(known).ConfigureAwait(false);
            if (ReferenceEquals(known, changed))
                return known;
            if (await store.TryWriteAsync([new DeploymentWrite(name, known?.Version ?? 0, changed)], [], cancellationToken).ConfigureAwait(false) is null)
                continue;
            _host?.PokeFirings();
            return changed;
        }
    }

    private async ValueTask<IDeploymentStore> OpenDeploymentsAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        return _store.Deployments ?? throw new FletcherUsageException("FLT1712", $"The store ({_store.Description}) keeps no deployments.");
    }

    /// <summary>Looks whether runs could be started so.</summary>
    /// <exception cref="FletcherUsageException">Not so: the message has all mistakes but those behind the first in the parameters or the schedule.</exception>
    private async ValueTask CheckAsync(string name, DeploymentSettings settings, CancellationToken cancellationToken)
    {
        List<string> errors = [];
        Exception? first = null;
        if (name.Length > DeploymentRecord.LongestName)
            errors.Add($"its name has {name.Length} characters; it must have 1 to {DeploymentRecord.LongestName}");
        if (settings.CatchUpWindow < TimeSpan.Zero)
            errors.Add($"CatchUpWindow is {settings.CatchUpWindow}; it must be zero or more");
        if (!Enum.IsDefined(settings.CatchUp))
            errors.Add($"CatchUp is {(int)settings.CatchUp}; it must be one of {string.Join(", ", Enum.GetNames<CatchUpPolicy>())}");
        if (!Enum.IsDefined(settings.Overlap))
            errors.Add($"Overlap is {(int)settings.Overlap}; it must be one of {string.Join(", ", Enum.GetNames<OverlapPolicy>())}");
        Schedule? schedule = null;
        Try(() => schedule = settings.Schedule?.ToSchedule());
        Try(() => OptionsOf(name, settings).Check());
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var flow = await FindFlowAsync(settings.Flow, false, cancellationToken).ConfigureAwait(false);
            var now = _time.GetUtcNow();
            _ = Request(name, settings, flow, null, schedule?.AtZone(now) ?? now);
        }
        catch (FletcherException e) when (e is not StoreUnavailableException)
        {
            Add(e);
        }

        if (errors.Count > 0)
            throw new FletcherUsageException("FLT1710", $"Deployment '{name}' cannot be kept: {string.Join("; ", errors)}.", first);

        void Try(Action look)
        {
            try
            {
                look();
            }
            catch (FletcherException e)
            {
                Add(e);
            }
        }

        void Add(FletcherException e)
        {
            first ??= e;
            errors.Add(e.Message.Replace($"{e.Id}: ", "", StringComparison.Ordinal).TrimEnd('.'));
        }
    }

    private async ValueTask<(string Flow, string Parameters)> ReadCallAsync(Func<Task> call)
    {
        var captured = await CaptureScope.CaptureAsync(call).ConfigureAwait(false);
        var parameters = StartParameters.Of(captured, _host?.Codec ?? new ValueCodec(_json));
        var json = System.Text.Encoding.UTF8.GetString(parameters.Json);
        return (captured.Definition.Id, ScheduledTime.Clear(((FlowDefinition)captured.Definition).ParameterSchema, json));
    }

    private string ReadParameters(string flow, GivenValue parameters)
    {
        var json = parameters.ToJson(_json, $"parameters of flow '{flow}'");
        using var document = System.Text.Json.JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != System.Text.Json.JsonValueKind.Object)
            throw new FletcherUsageException("FLT1517", $"The parameters of flow '{flow}' must be a JSON object with a property for each parameter, and are {document.RootElement.ValueKind}.");
        return System.Text.Encoding.UTF8.GetString(json);
    }
}
