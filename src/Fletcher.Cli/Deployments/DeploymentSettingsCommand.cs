using System.CommandLine;
using Fletcher.Model;
using Fletcher.Scheduling;

namespace Fletcher.Cli;

/// <summary>A command that says how a flow is deployed.</summary>
internal abstract class DeploymentSettingsCommand : StoreCommand
{
    private const string None = "none";

    private readonly Option<string[]> _parameter;
    private readonly Option<string> _parameters;
    private readonly Option<string> _schedule;
    private readonly Option<string> _zone;
    private readonly Option<string> _start;
    private readonly Option<string> _end;
    private readonly Option<string[]> _exclude;
    private readonly Option<string> _jitter;
    private readonly Option<string> _catchUp;
    private readonly Option<string> _window;
    private readonly Option<string> _overlap;
    private readonly Option<int?> _priority;
    private readonly Option<string> _queue;
    private readonly Option<string[]> _label;
    private readonly Option<string[]> _tag;

    /// <inheritdoc cref="StoreCommand(string, string, string[])"/>
    protected DeploymentSettingsCommand(string name, string description, params string[] examples)
        : base(name, description, examples)
    {
        Deployment = DeploymentArgument();
        _parameter = ManyOption("--param", "A parameter: JSON, or text. May be given several times.", "name=value", "-p");
        _parameters = Option<string>("--parameters", "Parameters, as a JSON object.", "json");
        _schedule = Option<string>("--schedule", "When it starts by itself: a cron expression, an interval or an RFC 5545 rule, as 'fletcher schedule next' reads it.", "expression");
        _zone = Option<string>("--zone", "The IANA time zone of the schedule. Default: UTC.", "zone");
        _start = Option<string>("--start", "Not before: a date or a time, in the zone unless it has an offset.", "time");
        _end = Option<string>("--end", "Only before: a date or a time, in the zone unless it has an offset.", "time");
        _exclude = ManyOption("--exclude", "A day on which it does not start (2026-12-24), or an .ics file with such days; may be given several times.", "date|file");
        _jitter = Option<string>("--jitter", "How much later than its time it may start, to spread load.", "duration");
        _catchUp = Option<string>("--catch-up", "What becomes of firings that were missed: latest, skip or all. Default: latest.", "policy");
        _catchUp.TakeWords<CatchUpPolicy>();
        _window = Option<string>("--catch-up-window", "For --catch-up all: how old a missed firing may be. Default: 1d.", "duration");
        _overlap = Option<string>("--overlap", "What becomes of a firing while the run of an earlier one goes on: allow, skip, queue or cancel-running. Default: allow.", "policy");
        _overlap.TakeWords<OverlapPolicy>();
        _priority = Option<int?>("--priority", "Hosts take runs with a higher one first. Default: 0.", "n");
        _queue = Option<string>("--queue", "The queue that its runs wait in. Default: default.", "name");
        _label = ManyOption("--label", "A label that a host must have to take its runs; may be given several times.", "label");
        _tag = ManyOption("--tag", "A word to find its runs by; may be given several times.", "tag");
    }

    /// <summary>The deployment's name.</summary>
    protected Argument<string> Deployment { get; }

    /// <summary>What the command line says, over what holds.</summary>
    /// <param name="session">The session.</param>
    /// <param name="flow">The flow.</param>
    /// <param name="known">The schedule that holds; null for none.</param>
    protected async Task<DeploymentChanges> ReadAsync(Session session, string flow, DeploymentSchedule? known) => new()
    {
        Parameters = await ParameterText.ReadAsync(session, flow, _parameter, _parameters).ConfigureAwait(false),
        Schedule = ReadSchedule(session, known),
        CatchUp = Words.TryParse<CatchUpPolicy>(session.Get(_catchUp)),
        CatchUpWindow = session.Get(_window) is { } window ? Durations.Parse(window, "--catch-up-window") : null,
        Overlap = Words.TryParse<OverlapPolicy>(session.Get(_overlap)),
        Priority = session.Get(_priority),
        Queue = session.Get(_queue),
        Labels = Many(session.GetMany(_label)),
        Tags = Many(session.GetMany(_tag)),
    };

    private DeploymentSchedule? ReadSchedule(Session session, DeploymentSchedule? known)
    {
        var (text, zone, start, end, jitter) = (session.Get(_schedule), session.Get(_zone), session.Get(_start), session.Get(_end), session.Get(_jitter));
        var exclude = session.GetMany(_exclude);
        string?[] given = [text, zone, start, end, jitter, .. exclude];
        if (Array.TrueForAll(given, static one => one is null))
            return null;
        if (text is null && known is null)
            throw new CommandException("--zone, --start, --end, --exclude and --jitter are for a schedule, and there is none. Give --schedule too.", ExitCode.Usage);

        var schedule = ScheduleRefusal.Read(text ?? known!.Text, zone ?? known?.Zone ?? "UTC");
        var kept = new DeploymentSchedule
        {
            Text = schedule.Text,
            Zone = schedule.Zone,
            Start = ReadInstant(session, start, "--start", schedule, known?.Start),
            End = ReadInstant(session, end, "--end", schedule, known?.End),
            Jitter = jitter is null ? known?.Jitter ?? default : Durations.Parse(jitter, "--jitter"),
        };
        if (exclude.Count == 0)
            return kept with { ExcludedDays = known?.ExcludedDays ?? [], ExcludedCalendars = known?.ExcludedCalendars ?? [] };
        var excluded = exclude is [None] ? null : ExcludedText.Read(exclude);
        return kept with { ExcludedDays = excluded?.Days ?? [], ExcludedCalendars = excluded?.Calendars ?? [] };
    }

    private static DateTimeOffset? ReadInstant(Session session, string? text, string option, Schedule schedule, DateTimeOffset? known) => text switch
    {
        null => known,
        None => null,
        _ => Durations.ParseInstant(text, option, session.Time.GetUtcNow(), 1, schedule.InstantOf),
    };

    private static IReadOnlyList<string>? Many(IReadOnlyList<string> texts) => texts is [] ? null : texts is [None] ? [] : texts;
}
