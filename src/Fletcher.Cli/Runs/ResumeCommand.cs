using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Lets a run go on.</summary>
internal sealed class ResumeCommand() : RunActionCommand(
    "resume", "Lets a run go on that is paused, or that failed and waits for a fix. For one that has ended there is 'fletcher runs retry'.",
    "runs resume r1t3v5x7")
{
    protected override async Task<int> ActAsync(Session session, FlowRunRecord run, string? reason)
    {
        await session.Client.ResumeAsync(run.Id, reason, session.CancellationToken).ConfigureAwait(false);
        return await Ask.DoneAsync(session, run, "resume", $"Run {run.Id} of '{run.Flow}' goes on", needsHost: true).ConfigureAwait(false);
    }
}
