using System.Text.Json;
using Fletcher.Diagnosis;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

public sealed partial class FletcherClient
{
    private const int StartsAtOnce = 1000;

    /// <summary>
    /// Starts a flow on whichever host takes it: <c>await client.StartAsync(() => Billing.InvoiceMonth(month))</c>. The call says which flow and with which parameters; it is not made here. When it
    /// returns the run is kept in the store; <see cref="WaitAsync{T}"/> waits for its result.
    /// </summary>
    /// <remarks>It starts a run each time, also when it stands in a flow that is executed again: there give an <see cref="StartOptions.IdempotencyKey"/>, or use <see cref="Flow.Start{T}"/>.</remarks>
    /// <param name="flow">Calls the flow, and nothing else.</param>
    /// <param name="options">When, where, and with which keys. Default: at once, on any host, without keys.</param>
    /// <param name="cancellationToken">Gives up; whether the run is kept then is not known.</param>
    /// <returns>The run, and whether it is new.</returns>
    /// <exception cref="FletcherUsageException">The code calls no flow, a parameter cannot be written as JSON, or an option is out of its range.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be written.</exception>
    public async Task<StartedRun> StartAsync(Func<Task> flow, StartOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var request = await CaptureAsync(flow, options ?? new StartOptions()).ConfigureAwait(false);
        return (await StartAsync([request], cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>
    /// Starts a flow by its name, also from a program that does not have it. The parameters are checked against what the program or the hosts that take the flow say of it.
    /// </summary>
    /// <param name="flow">The flow's stable name, such as <c>Billing.InvoiceMonth</c>.</param>
    /// <param name="parameters">An object with a property for each parameter, such as <c>new { month }</c>, or a dictionary; <c>new { }</c> for none.</param>
    /// <param name="options">When, where, and with which keys. Default: at once, on any host, without keys.</param>
    /// <param name="cancellationToken">Gives up; whether the run is kept then is not known.</param>
    /// <returns>The run, and whether it is new.</returns>
    /// <exception cref="FletcherUsageException">
    /// Nobody knows the flow (the message has the nearest name); a parameter does not fit (the message has its path and what was expected); or an option is out of its range.
    /// </exception>
    /// <exception cref="StoreUnavailableException">The store cannot be written.</exception>
    public async Task<StartedRun> StartAsync<TParameters>(
        string flow, TParameters parameters, StartOptions? options = null, CancellationToken cancellationToken = default) =>
        (await StartManyAsync(flow, [parameters], _ => options, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Starts a flow by its name with parameters in JSON; see <see cref="StartAsync{TParameters}(string, TParameters, StartOptions?, CancellationToken)"/>.</summary>
    /// <param name="flow">The flow's stable name.</param>
    /// <param name="json">A JSON object with a property for each parameter.</param>
    /// <param name="options">When, where, and with which keys. Default: at once, on any host, without keys.</param>
    /// <param name="cancellationToken">Gives up; whether the run is kept then is not known.</param>
    /// <returns>The run, and whether it is new.</returns>
    /// <exception cref="FletcherUsageException">As for the other one, or the text is no JSON.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be written.</exception>
    public async Task<StartedRun> StartJsonAsync(string flow, string json, StartOptions? options = null, CancellationToken cancellationToken = default) =>
        (await StartAsync(flow, [(GivenValue.OfJson(json), options)], cancellationToken).ConfigureAwait(false))[0];

    /// <summary>
    /// Starts a flow for each of many items: <c>await client.StartManyAsync(customers, customer => Billing.Invoice(customer))</c>. Everything is checked before anything is kept; then it is kept in
    /// transactions of 1,000 runs.
    /// </summary>
    /// <param name="items">The items.</param>
    /// <param name="flow">Calls the flow for an item, and nothing else.</param>
    /// <param name="options">The options for an item. Default: at once, on any host, without keys.</param>
    /// <param name="cancellationToken">Gives up; some runs may be kept then.</param>
    /// <returns>The runs, in the order of the items.</returns>
    /// <inheritdoc cref="StartAsync(Func{Task}, StartOptions?, CancellationToken)"/>
    public async Task<IReadOnlyList<StartedRun>> StartManyAsync<TItem>(
        IEnumerable<TItem> items, Func<TItem, Task> flow, Func<TItem, StartOptions?>? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(flow);
        List<StartRequest> requests = [];
        foreach (var item in items)
            requests.Add(await CaptureAsync(() => flow(item), options?.Invoke(item) ?? new StartOptions()).ConfigureAwait(false));
        return await StartAsync(requests, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a flow by its name once for each of many parameters. Everything is checked before anything is kept; then it is kept in transactions of 1,000 runs.</summary>
    /// <param name="flow">The flow's stable name.</param>
    /// <param name="parameters">For each run an object with a property for each parameter.</param>
    /// <param name="options">The options for one of them. Default: at once, on any host, without keys.</param>
    /// <param name="cancellationToken">Gives up; some runs may be kept then.</param>
    /// <returns>The runs, in the order of the parameters.</returns>
    /// <inheritdoc cref="StartAsync{TParameters}(string, TParameters, StartOptions?, CancellationToken)"/>
    public Task<IReadOnlyList<StartedRun>> StartManyAsync<TParameters>(
        string flow, IEnumerable<TParameters> parameters, Func<TParameters, StartOptions?>? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return StartAsync(
            flow,
            parameters.Select(given => (given is null ? GivenValue.OfJson("{}") : GivenValue.Of(given), options?.Invoke(given))),
            cancellationToken);
    }

    private async Task<IReadOnlyList<StartedRun>> StartAsync(
        string flow, IEnumerable<(GivenValue Parameters, StartOptions? Options)> starts, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(flow);
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        var codec = _host?.Codec ?? new ValueCodec(_json);
        KnownFlow? known = null;
        List<StartRequest> requests = [];
        foreach (var (parameters, given) in starts)
        {
            var options = given ?? new StartOptions();
            options.Check();
            known ??= await FindFlowAsync(
                flow, options.AllowUnknownFlow, cancellationToken, " To start it all the same, set StartOptions.AllowUnknownFlow.").ConfigureAwait(false);
            requests.Add(new StartRequest(known, StartParameters.Check(known, parameters.ToJson(_json, $"parameters of flow '{flow}'"), codec), options));
        }

        return await StartAsync(requests, cancellationToken).ConfigureAwait(false);
    }

    private async Task<StartRequest> CaptureAsync(Func<Task> flow, StartOptions options)
    {
        options.Check();
        var call = await CaptureScope.CaptureAsync(flow).ConfigureAwait(false);
        var definition = (Runtime.FlowDefinition)call.Definition;
        var known = new KnownFlow(definition.Id, definition.ParameterSchema, definition.Tags, definition);
        return new StartRequest(known, StartParameters.Of(call, _host?.Codec ?? new ValueCodec(_json)), options);
    }

    private async Task<IReadOnlyList<StartedRun>> StartAsync(List<StartRequest> requests, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        var lacks = await FindLacksAsync(requests, cancellationToken).ConfigureAwait(false);
        List<StartedRun> started = new(requests.Count);

        // Hosts take the longest due first, and those of one call are to begin in its order.
        var dueAt = _time.GetUtcNow() - TimeSpan.FromMicroseconds(requests.Count);
        foreach (var chunk in requests.Chunk(StartsAtOnce))
        {
            var starts = Array.ConvertAll(chunk, request => NewStart(request, dueAt += TimeSpan.FromMicroseconds(1), lacks));
            started.AddRange(await _store.StartAsync(starts, cancellationToken).ConfigureAwait(false));
        }

        return started;
    }

    /// <summary>For each kind of run that no host takes, why not. This client's own host is asked first: mostly it takes them, and nothing need be read.</summary>
    private async ValueTask<Dictionary<RunKind, string>> FindLacksAsync(List<StartRequest> requests, CancellationToken cancellationToken)
    {
        var lacks = new Dictionary<RunKind, string>();
        IReadOnlyList<HostRecord>? living = null;
        foreach (var kind in requests.Select(KindOf).Distinct())
        {
            IReadOnlyList<string> labels = kind.Labels.Length == 0 ? [] : kind.Labels.Split('\n');
            if (_host is { TakesRuns: true, IsStopping: false } && Takers.FindLack(kind.Flow, kind.Queue, labels, [_host.Identity]) is null)
                continue;
            living ??= await _store.GetLivingHostsAsync(cancellationToken).ConfigureAwait(false);
            if (Takers.FindLack(kind.Flow, kind.Queue, labels, living) is { } lack)
                lacks[kind] = $"{lack}, so it waits for one";
        }

        return lacks;
    }

    private static RunKind KindOf(StartRequest request) => new(request.Flow.Name, request.Options.Queue, string.Join('\n', LabelsOf(request.Options)));

    private static IEnumerable<string> LabelsOf(StartOptions options) => options.Labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private RunStart NewStart(StartRequest request, DateTimeOffset dueAt, Dictionary<RunKind, string> lacks)
    {
        var (flow, parameters, options) = request;
        var id = RunId.New(_time);
        var now = _time.GetUtcNow();
        var at = options.Debounce is { } debounce ? now + debounce.Wait : options.At;
        var isLater = at > now;
        var run = new FlowRunRecord
        {
            Id = id,
            Flow = flow.Name,
            Name = parameters.Name,
            State = isLater ? FlowRunState.Scheduled : FlowRunState.Queued,
            Parameters = parameters.Json,
            ParametersHash = parameters.Hash,
            OnceKey = parameters.OnceKey,
            RootRunId = id,
            Attempt = 0,
            CreatedAt = now,
            WakeAt = isLater ? at : dueAt,
            Tags = [.. flow.Tags, .. options.Tags.Except(flow.Tags, StringComparer.Ordinal)],
            Priority = options.Priority,
            Queue = options.Queue,
            Labels = [.. LabelsOf(options)],
            FairnessKey = options.FairnessKey ?? "",
        };
        var lack = lacks.GetValueOrDefault(KindOf(request));
        return new RunStart
        {
            Run = run with { Reason = lack },
            IdempotencyKey = options.IdempotencyKey,
            DeduplicationKey = options.DeduplicationKey,
            DebounceKey = options.Debounce?.Key,
            Entry = new LedgerEntry
            {
                RunId = id,
                At = now,
                To = run.State.ToString(),
                Actor = Actor,
                Reason = Wording.Say($"started by {Actor}", options.Reason),
                Next = isLater ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"a host takes it at {at:yyyy-MM-dd HH:mm:ss}Z") : lack,
            },
        };
    }

    /// <param name="flow">Its name.</param>
    /// <param name="allowUnknown">Whether it need not be known.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="advice">What else can be done when nobody knows it.</param>
    /// <exception cref="FletcherUsageException">Nobody knows it.</exception>
    private async ValueTask<KnownFlow> FindFlowAsync(string flow, bool allowUnknown, CancellationToken cancellationToken, string advice = "")
    {
        if (_host?.FindFlow(flow) is { } here)
            return new KnownFlow(flow, here.ParameterSchema, here.Tags, here.Bind is null ? null : here);
        if (await _store.GetFlowAsync(flow, cancellationToken).ConfigureAwait(false) is { } published)
            return new KnownFlow(flow, published.ParameterSchema, published.Tags, null);
        if (allowUnknown)
            return new KnownFlow(flow, null, [], null);
        var names = (await _store.GetFlowsAsync(cancellationToken).ConfigureAwait(false)).Select(other => other.Name).Concat(_host?.FlowNames ?? []).Distinct().ToList();
        var near = SimilarName.Find(flow, names) is { } similar ? $" Did you mean '{similar}'?" : names.Count == 0 ? " No host has said yet which flows it takes: start one that does." : "";
        throw new FletcherUsageException(
            "FLT1516", $"There is no flow '{flow}': neither this program nor any host of {_store.Description} has it.{near}{advice}");
    }

    /// <summary>What decides which hosts take a run. The labels are a line each.</summary>
    private readonly record struct RunKind(string Flow, string Queue, string Labels);

    private sealed record StartRequest(KnownFlow Flow, StartParameters Parameters, StartOptions Options);
}
