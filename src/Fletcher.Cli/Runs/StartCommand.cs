using System.CommandLine;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Cli;

/// <summary>Starts a flow by its name.</summary>
internal sealed class StartCommand : StoreCommand
{
    private readonly Argument<string> _flow;
    private readonly Option<string[]> _parameter;
    private readonly Option<string> _parameters;
    private readonly Option<string> _at;
    private readonly Option<int> _priority;
    private readonly Option<string> _key;
    private readonly Option<string> _deduplicate;
    private readonly Option<string> _queue;
    private readonly Option<string[]> _label;
    private readonly Option<string[]> _tag;
    private readonly Option<string> _fairness;
    private readonly Option<string> _reason;
    private readonly Option<bool> _unknown;
    private readonly Option<bool> _wait;

    internal StartCommand()
        : base(
            "start", "Starts a flow by its name; a host that takes it executes it. Parameters are checked against what hosts say of the flow.",
            "runs start Billing.InvoiceMonth -p month=2026-10-01",
            "runs start Billing.InvoiceMonth -p month=2026-10-01 --at 2026-11-01T06:00 --key 2026-10",
            "runs start Reports.Daily --parameters '{\"day\": \"2026-10-01\"}' --wait")
    {
        _flow = Argument("flow", "The flow's name, as 'fletcher flows' lists it.").CompletedWith(StoreNames.Flows);
        _parameter = ManyOption("--param", "A parameter: JSON, or text. May be given several times.", "name=value", "-p");
        _parameters = Option<string>("--parameters", "All parameters, as a JSON object.", "json");
        _at = Option<string>("--at", "When: a date and time, or in how long. Default: at once.", "time");
        _priority = Option<int>("--priority", "Hosts take runs with a higher one first. Default: 0.", "n");
        _key = Option<string>("--key", "Idempotency key: only the first start with it makes a run, the others find that one.", "key");
        _deduplicate = Option<string>("--deduplicate", "While a run that was started with this key is open, no other is started.", "key");
        _queue = Option<string>("--queue", "The queue that it waits in. Default: default.", "name");
        _label = ManyOption("--label", "A label that a host must have to take it; may be given several times.", "label");
        _tag = ManyOption("--tag", "A word to find the run by; may be given several times.", "tag");
        _fairness = Option<string>("--fairness-key", "Whose run it is: runs with different keys are taken in turn.", "key");
        _reason = Option<string>("--reason", "Why, in one sentence; it is kept with the run.", "text");
        _unknown = Option<bool>("--allow-unknown-flow", "Starts it although no host has said that it takes this flow; its parameters are not checked then.");
        _wait = Option<bool>("--wait", "Waits until it has ended, as 'fletcher runs watch' does.");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var flow = session.Get(_flow);
        var json = await ParameterText.ReadAsync(session, flow, _parameter, _parameters).ConfigureAwait(false) ?? "{}";
        StartedRun started;
        try
        {
            started = await session.Client.StartJsonAsync(flow, json, OptionsOf(session), session.CancellationToken).ConfigureAwait(false);
        }
        catch (FletcherUsageException e) when (e.Id == "FLT1516")
        {
            throw new CommandException(e.Message.Replace("set StartOptions.AllowUnknownFlow", "give --allow-unknown-flow", StringComparison.Ordinal));
        }

        return await SayAndWatchAsync(session, flow, started, session.Get(_wait)).ConfigureAwait(false);
    }

    /// <summary>Says what was started, and waits for its end if that is wanted.</summary>
    internal static async Task<int> SayAndWatchAsync(Session session, string flow, StartedRun started, bool isWatched)
    {
        if (!isWatched || !session.Printer.IsJson)
            await SayAsync(session, flow, started).ConfigureAwait(false);
        return isWatched ? await RunWatch.ShowUntilEndAsync(session, started.Run, null).ConfigureAwait(false) : ExitCode.Ok;
    }

    private StartOptions OptionsOf(Session session) => new()
    {
        At = session.Get(_at) is { } at ? Durations.ParseInstant(at, "--at", session.Time.GetUtcNow(), 1) : null,
        Priority = session.Get(_priority),
        IdempotencyKey = session.Get(_key),
        DeduplicationKey = session.Get(_deduplicate),
        Queue = session.Get(_queue) ?? FlowRunRecord.DefaultQueue,
        Labels = session.GetMany(_label),
        Tags = session.GetMany(_tag),
        FairnessKey = session.Get(_fairness),
        Reason = session.Get(_reason),
        AllowUnknownFlow = session.Get(_unknown),
    };

    private static async Task SayAsync(Session session, string flow, StartedRun started)
    {
        var run = await session.FindAsync(started.Run.ToString()).ConfigureAwait(false);
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteString("outcome", started.Outcome.ToString());
                json.WriteStartObject("run");
                json.WriteRun(run);
                json.WriteEndObject();
            });
            return;
        }

        await Ask.DoneAsync(
            session, run, "start", started.IsCreated ? $"Run {started.Run} of '{flow}' was started{(run.State == FlowRunState.Scheduled ? $", for {run.WakeAt:yyyy-MM-dd HH:mm:ss}Z" : "")}"
            : $"Run {started.Run} of '{flow}' with this key is there already", needsHost: !run.IsOver).ConfigureAwait(false);
    }
}
