using System.CommandLine;
using Fletcher.Scheduling;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Says when an expression fires.</summary>
internal sealed class NextCommand : ExpressionCommand
{
    private const int DefaultCount = 10;
    private const int MostCount = 1_000_000;

    private readonly Option<string> _from;
    private readonly Option<string> _until;
    private readonly Option<int?> _count;

    internal NextCommand()
        : base(
            "next", "Says when an expression fires, as ISO 8601 with the zone's offset, one a line. With --json it is an array of these texts. Nothing is written when it does not fire.",
            "schedule next \"0 6 * * mon-fri\" --zone Europe/Berlin",
            "schedule next \"every 15m\" --from 2026-10-25T00:00 --count 8 --zone Europe/Berlin",
            "schedule next \"FREQ=MONTHLY;BYDAY=1MO;BYHOUR=6\" --from 2026-01-01 --until 2027-01-01 --json",
            "schedule next @daily --exclude 2026-12-24 --exclude holidays.ics")
    {
        _from = Option<string>("--from", "The first instant that counts: a date or a time, in the zone unless it has an offset, or in how long. Default: now.", "time");
        _until = Option<string>("--until", "The instant from which on nothing counts. Default: none.", "time");
        _count = Option<int?>("--count", $"How many at the most. Default: {DefaultCount}; with --until all before it.", "n");
        _count.TakeCounts();
    }

    protected override int Run(ParseResult arguments, Schedule schedule, Printer printer)
    {
        var now = TimeProvider.System.GetUtcNow();
        var from = arguments.GetValue(_from) is { } begin ? Durations.ParseInstant(begin, "--from", now, 1, schedule.InstantOf) : now;
        var until = arguments.GetValue(_until) is { } end ? Durations.ParseInstant(end, "--until", now, 1, schedule.InstantOf) : (DateTimeOffset?)null;
        var firings = schedule.Between(from, until ?? DateTimeOffset.MaxValue);
        if (arguments.GetValue(_count) is { } count)
            firings = firings.Take(count);
        else if (until is null)
            firings = firings.Take(DefaultCount);
        else if (firings.Skip(MostCount).Any())
            throw new CommandException($"It fires more than {MostCount:N0} times before --until. Give --count, or an earlier --until.", ExitCode.Usage);

        var texts = firings.Select(static firing => firing.ToString());
        if (printer.IsJson)
            printer.WriteJsonArray(texts);
        else
            printer.Write(texts.Select(static text => new StyledLine { IsVerbatim = true }.Add(text)));
        return ExitCode.Ok;
    }
}
