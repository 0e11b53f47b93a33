using System.CommandLine;
using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Asks for a run again from a step.</summary>
internal sealed class RerunCommand : RunActionCommand
{
    private readonly Option<string> _from;
    private readonly Option<bool> _dryRun;
    private readonly Option<bool> _allow;

    internal RerunCommand()
        : base(
            "rerun", "Asks for a run that has ended again from one of its steps: that one, and what was given its result, run again; the rest is reused.",
            "runs rerun r1t3v5x7 --from 3 --dry-run      # what would be reused and what would run",
            "runs rerun r1t3v5x7 --from CreateInvoices --reason 'wrong tax rate'")
    {
        _from = Option<string>("--from", "The step run: its number, or a name that only it has.", "step");
        _from.Required = true;
        _dryRun = Option<bool>("--dry-run", "Only says what would be reused and what would run.");
        _allow = Option<bool>("--allow-at-most-once", "Lets at-most-once steps that have begun before run a second time.");
    }

    protected override async Task<int> ActAsync(Session session, FlowRunRecord run, string? reason)
    {
        var from = Selector(session.Get(_from)!, "--from");
        if (session.Get(_dryRun))
            return PlanView.Show(session, await session.Client.PlanRerunAsync(run.Id, from, session.CancellationToken).ConfigureAwait(false), isDone: false);
        return PlanView.Show(session, await session.Client.RerunAsync(run.Id, from, session.Get(_allow), reason, session.CancellationToken).ConfigureAwait(false), isDone: true);
    }

    /// <summary>A step run by number or name.</summary>
    internal static StepSelector Selector(string text, string option)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new CommandException($"{option} is empty. Give a step run's number, as 'fletcher runs show' lists them, or its name.", ExitCode.Usage);
        if (!int.TryParse(text.TrimStart('#'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var sequence))
            return text;
        return sequence >= 1 ? sequence : throw new CommandException($"{option} is {sequence}; step runs are counted from 1.", ExitCode.Usage);
    }
}
