using System.CommandLine;
using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Says what happened with a step run in doubt.</summary>
internal sealed class ResolveCommand : RunActionCommand
{
    private readonly Argument<string> _step;
    private readonly Option<bool> _tookEffect;
    private readonly Option<bool> _didNothing;
    private readonly Option<string> _returned;
    private readonly Option<string> _failed;

    internal ResolveCommand()
        : base(
            "resolve", "Says what happened with an at-most-once step whose process went away inside it. Then 'fletcher runs retry' lets the run go on.",
            "runs resolve r1t3v5x7 SendInvoices --took-effect --reason 'the mail is in the log of the server'",
            "runs resolve r1t3v5x7 5 --did-nothing",
            "runs resolve r1t3v5x7 5 --returned 12")
    {
        _step = Argument("step", "The step run: its number, or a name that only it has.");
        _tookEffect = Option<bool>("--took-effect", "It took effect, and returns nothing.");
        _didNothing = Option<bool>("--did-nothing", "It did not take effect, so it runs when the flow comes to it again.");
        _returned = Option<string>("--returned", "It took effect, and this is what it returned.", "json");
        _failed = Option<string>("--failed", "It failed; this is what went wrong.", "message");
    }

    protected override async Task<int> ActAsync(Session session, FlowRunRecord run, string? reason)
    {
        List<StepResolution> given = [];
        if (session.Get(_tookEffect))
            given.Add(StepResolution.TookEffect);
        if (session.Get(_didNothing))
            given.Add(StepResolution.DidNothing);
        if (session.Get(_returned) is { } json)
            given.Add(StepResolution.ReturnedJson(json));
        if (session.Get(_failed) is { } message)
            given.Add(string.IsNullOrWhiteSpace(message) ? throw new CommandException("--failed is empty. Say in one sentence what went wrong.", ExitCode.Usage) : StepResolution.Failed(message));
        if (given.Count != 1)
            throw new CommandException("Say what happened, with one of --took-effect, --did-nothing, --returned <json>, --failed <message>.", ExitCode.Usage);

        var step = session.Get(_step);
        await session.Client.ResolveAsync(run.Id, RerunCommand.Selector(step, "step"), given[0], reason, session.CancellationToken).ConfigureAwait(false);
        return await Ask.DoneAsync(session, run, "resolve", $"Step run '{step}' of run {run.Id} is resolved", needsHost: false).ConfigureAwait(false);
    }
}
