using System.CommandLine;
using Fletcher.Hosting;

namespace Fletcher.Cli;

/// <summary>Starts one run of a deployment.</summary>
internal sealed class StartDeploymentCommand : StoreCommand
{
    private readonly Argument<string> _name;
    private readonly Option<string[]> _parameter;
    private readonly Option<string> _time;
    private readonly Option<string> _at;
    private readonly Option<string> _key;
    private readonly Option<string> _reason;
    private readonly Option<bool> _wait;

    internal StartDeploymentCommand()
        : base(
            "start", "Starts one run of a deployment now, with its parameters, priority, queue, labels and tags, whether it is paused or not. The schedule goes on as it would.",
            "deployments start reminders --wait",
            "deployments start invoices --scheduled-time 2026-10-01 -p currency=USD --reason 'the bank lost it'")
    {
        _name = DeploymentArgument();
        _parameter = ManyOption("--param", "Another value for a parameter: JSON, or text. May be given several times.", "name=value", "-p");
        _time = Option<string>("--scheduled-time", "The time that the run is for: a date or a time, in the schedule's zone unless it has an offset, or how long ago. Default: now.", "time");
        _at = Option<string>("--at", "When it starts: a date and time, or in how long. Default: at once.", "time");
        _key = Option<string>("--key", "Idempotency key: only the first start of the flow with it makes a run, the others find that one.", "key");
        _reason = Option<string>("--reason", "Why, in one sentence; it is kept with the run.", "text");
        _wait = Option<bool>("--wait", "Waits until it has ended, as 'fletcher runs watch' does.");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var deployment = await session.FindDeploymentAsync(session.Get(_name)).ConfigureAwait(false);
        var settings = deployment.Effective;
        var now = session.Time.GetUtcNow();
        var options = new DeploymentStartOptions
        {
            Parameters = await ParameterText.ReadAsync(session, settings.Flow, _parameter, null).ConfigureAwait(false),
            ScheduledTime = session.Get(_time) is { } time ? Durations.ParseInstant(time, "--scheduled-time", now, -1, DeploymentView.Read(settings) is { } schedule ? schedule.InstantOf : null) : null,
            At = session.Get(_at) is { } at ? Durations.ParseInstant(at, "--at", now, 1) : null,
            IdempotencyKey = session.Get(_key),
            Reason = session.Get(_reason),
        };
        var started = await session.Client.StartDeploymentAsync(deployment.Name, options, session.CancellationToken).ConfigureAwait(false);
        return await StartCommand.SayAndWatchAsync(session, settings.Flow, started, session.Get(_wait)).ConfigureAwait(false);
    }
}
