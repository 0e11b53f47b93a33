using System.CommandLine;
using Fletcher.Scheduling;

namespace Fletcher.Cli;

/// <summary>Says in words what an expression means.</summary>
internal sealed class ExplainCommand() : ExpressionCommand(
    "explain", "Says in words what an expression means, and when it fires next.",
    "schedule explain \"0 6 1 * *\" --zone Europe/Berlin",
    "schedule explain \"FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=17\" --json")
{
    protected override int Run(ParseResult arguments, Schedule schedule, Printer printer)
    {
        var next = schedule.Next(TimeProvider.System.GetUtcNow());
        if (printer.IsJson)
        {
            printer.WriteJson(json =>
            {
                json.WriteString("expression", schedule.Text);
                json.WriteString("zone", schedule.Zone);
                json.WriteString("description", schedule.Describe());
                json.WriteString("next", next?.ToString());
            });
            return ExitCode.Ok;
        }

        printer.Write(schedule.Describe());
        printer.Write(next is { } firing ? $"next {firing}" : "It fires no more.");
        return ExitCode.Ok;
    }
}
