using System.CommandLine;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Asks for a run again.</summary>
internal sealed class RetryCommand : RunActionCommand
{
    private readonly Option<bool> _dryRun;

    internal RetryCommand()
        : base(
            "retry", "Asks for a run that failed, crashed or was cancelled again: a host goes on with it, and what was done is remembered.",
            "runs retry r1t3v5x7",
            "runs retry r1t3v5x7 --dry-run        # what would be reused and what would run")
        => _dryRun = Option<bool>("--dry-run", "Only says what would be reused and what would run.");

    protected override async Task<int> ActAsync(Session session, FlowRunRecord run, string? reason)
    {
        if (session.Get(_dryRun))
            return PlanView.Show(session, await session.Client.PlanRetryAsync(run.Id, session.CancellationToken).ConfigureAwait(false), isDone: false);
        await session.Client.RetryAsync(run.Id, reason, session.CancellationToken).ConfigureAwait(false);
        return await Ask.DoneAsync(session, run, "retry", $"Run {run.Id} of '{run.Flow}' was asked for again", needsHost: true).ConfigureAwait(false);
    }
}
