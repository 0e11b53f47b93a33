using System.CommandLine;
using Fletcher.Diagnosis;
using Fletcher.Model;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>The flashlight: what a program shows when its run fails, read from the store.</summary>
internal sealed class WhyCommand : StoreCommand
{
    private readonly Argument<string> _run;

    internal WhyCommand()
        : base(
            "why", "Says why a run failed, or why it does not go on: where, what, with which inputs, what changed since it went well, and what to do.",
            "why 01jb2w8qk3m5n7p9r1t3v5x7z9",
            "why r1t3v5x7 --json")
        => _run = Argument("run", "The run's id, or how it begins or ends.");

    protected override async Task<int> RunAsync(Session session)
    {
        var run = await session.FindAsync(session.Get(_run)).ConfigureAwait(false);
        var explanation = await Flashlight.ExplainAsync(session.Store, run.Id, plan: null, [new SqliteAdvisor(session.Store)], session.CancellationToken).ConfigureAwait(false)
            ?? throw new CommandException($"Run {run.Id} is not in the store ({session.Store.Description}) any more.");
        explanation = explanation with { ResumeCommand = CommandFor(explanation.Run) };
        var standing = await Standing.FindAsync(session, run).ConfigureAwait(false);
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json => ExplanationJson.Write(json, explanation, standing));
            return ExitCode.Ok;
        }

        session.Printer.Write(FlashlightView.Compose(explanation, session.Printer.Glyphs, session.Printer.Zone, Environment.CurrentDirectory));
        if (explanation.Run is { Error: null, Reason: { } reason })
            session.Printer.Write(new StyledLine(2).Add(reason, Tone.Warning));
        session.Printer.Write(standing.Select(wait => new StyledLine(2).Add("It waits: ", Tone.Warning).Add(wait + ".")));
        return ExitCode.Ok;
    }

    // The root goes on, and calls its sub-flows as far as that is needed.
    private static string? CommandFor(FlowRunRecord run) => run switch
    {
        { WaitsForFix: true } => $"fletcher runs resume {run.RootRunId}",
        { IsOver: true, State: not FlowRunState.Completed } => $"fletcher runs retry {run.RootRunId}",
        _ => null,
    };
}
