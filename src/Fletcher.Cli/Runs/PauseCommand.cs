using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Pauses a run.</summary>
internal sealed class PauseCommand() : RunActionCommand(
    "pause", "Pauses a run: steps that run come to their end, no other begins, until 'fletcher runs resume'.",
    "runs pause r1t3v5x7 --reason 'the bank is down'")
{
    protected override async Task<int> ActAsync(Session session, FlowRunRecord run, string? reason)
    {
        await session.Client.PauseAsync(run.Id, reason, session.CancellationToken).ConfigureAwait(false);
        return await Ask.DoneAsync(session, run, "pause", $"Run {run.Id} of '{run.Flow}' was asked to pause", needsHost: false).ConfigureAwait(false);
    }
}
