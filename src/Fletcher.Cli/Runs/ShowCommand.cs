using System.CommandLine;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Shows a run.</summary>
internal sealed class ShowCommand : StoreCommand
{
    private readonly Argument<string> _run;
    private readonly Option<bool> _all;
    private readonly Option<bool> _ledger;

    internal ShowCommand()
        : base(
            "show", "Shows a run: its state, and its steps as a tree with what they returned or failed with.",
            "runs show 01jb2w8qk3m5n7p9r1t3v5x7z9",
            "runs show r1t3v5x7 --all           # every step, those that do not count any more too",
            "runs show r1t3v5x7 --ledger --json")
    {
        _run = Argument("run", "The run's id, or how it begins or ends.");
        _all = Option<bool>("--all", "Every step run: all of a long list, and those that do not count any more.");
        _ledger = Option<bool>("--ledger", "Also each change of state: when, who, why.");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var run = await session.FindAsync(session.Get(_run)).ConfigureAwait(false);
        var all = session.Get(_all);
        List<StepRunRecord> steps = [];
        await foreach (var step in session.Store.GetStepRunsAsync(run.Id, session.CancellationToken).ConfigureAwait(false))
        {
            if (all || !(step.Discarded || step.Superseded))
                steps.Add(step);
        }

        var questions = await session.Store.GetQuestionsAsync(run.Id, true, 100, session.CancellationToken).ConfigureAwait(false);
        var ledger = session.Get(_ledger) ? await session.Store.GetLedgerAsync(run.Id, session.CancellationToken).ConfigureAwait(false) : [];
        var standing = await Standing.FindAsync(session, run).ConfigureAwait(false);
        if (!session.Printer.IsJson)
        {
            session.Printer.Write(new RunView(session).Compose(run, steps, questions, ledger, standing, all));
            return ExitCode.Ok;
        }

        session.Printer.WriteJson(json =>
        {
            json.WriteObject("run", run, json.WriteRun);
            json.WriteTexts("waitsFor", standing);
            json.WriteList("steps", steps, json.WriteStep);
            json.WriteList("questions", questions, json.WriteQuestion);
            json.WriteList("ledger", ledger, entry =>
            {
                json.WriteNumber("sequence", entry.Sequence);
                json.WriteTime("at", entry.At);
                json.WriteString("from", entry.From);
                json.WriteString("to", entry.To);
                json.WriteString("actor", entry.Actor);
                json.WriteString("reason", entry.Reason);
                json.WriteString("next", entry.Next);
            });
        });
        return ExitCode.Ok;
    }
}
