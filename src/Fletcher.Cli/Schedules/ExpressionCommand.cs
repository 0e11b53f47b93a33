using System.CommandLine;
using Fletcher.Scheduling;

namespace Fletcher.Cli;

/// <summary>A command that says something of an expression. What it refuses has its place, also for programs.</summary>
internal abstract class ExpressionCommand : ToolCommand
{
    private readonly Argument<string> _expression;
    private readonly Option<string> _zone;
    private readonly Option<string[]> _exclude;

    /// <inheritdoc cref="ToolCommand(string, string, string[])"/>
    protected ExpressionCommand(string name, string description, params string[] examples)
        : base(name, description, examples)
    {
        _expression = Argument("expression", "A cron expression (0 6 * * mon-fri, @daily), an interval (every 15m, every 2d at 06:00), or an RFC 5545 rule (FREQ=MONTHLY;BYDAY=1MO). In quotes, as it has spaces.");
        _zone = Option<string>("--zone", "The IANA time zone in which it is read. Default: UTC.", "zone");
        _exclude = ManyOption("--exclude", "A day on which it does not fire (2026-12-24), or an .ics file with such days; may be given several times.", "date|file");
        SetAction(Run);
    }

    /// <summary>Says it.</summary>
    protected abstract int Run(ParseResult arguments, Schedule schedule, Printer printer);

    private int Run(ParseResult arguments)
    {
        var printer = Printer.Of(arguments);
        var excluded = ExcludedText.Read(arguments.GetValue(_exclude) ?? []);
        if (!Schedule.TryParse(arguments.GetRequiredValue(_expression), arguments.GetValue(_zone) ?? "UTC", out var schedule, out var refusal))
        {
            if (printer.IsJson)
                printer.WriteJson(json => json.WriteRefusal(refusal));
            throw ScheduleRefusal.Of(refusal);
        }

        return Run(arguments, excluded is null ? schedule : schedule.Except(excluded), printer);
    }
}
