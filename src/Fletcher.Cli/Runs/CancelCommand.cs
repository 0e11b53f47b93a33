using System.CommandLine;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Stops a run.</summary>
internal sealed class CancelCommand : RunActionCommand
{
    private readonly Option<bool> _abandon;

    internal CancelCommand()
        : base(
            "cancel", "Stops a run: its code is asked to stop, its cleanup and its undo run, and it ends as cancelled.",
            "runs cancel r1t3v5x7 --reason 'wrong month'",
            "runs cancel r1t3v5x7 --abandon      # at once, although no host is there to do it")
        => _abandon = Option<bool>("--abandon", "Ends it in the store at once, whoever has it and whether anybody does: neither cleanup nor undo runs.");

    protected override async Task<int> ActAsync(Session session, FlowRunRecord run, string? reason)
    {
        if (session.Get(_abandon))
        {
            await session.Client.AbandonAsync(run.Id, reason, session.CancellationToken).ConfigureAwait(false);
            return await Ask.DoneAsync(session, run, "abandon", $"Run {run.Id} of '{run.Flow}' was ended as cancelled", needsHost: false).ConfigureAwait(false);
        }

        await session.Client.CancelAsync(run.Id, reason, session.CancellationToken).ConfigureAwait(false);
        var isOver = await session.Store.GetFlowRunAsync(run.Id, session.CancellationToken).ConfigureAwait(false) is { IsOver: true };
        return await Ask.DoneAsync(
            session, run, "cancel", isOver ? $"Run {run.Id} of '{run.Flow}' had not begun and is cancelled" : $"Run {run.Id} of '{run.Flow}' was asked to stop", needsHost: !isOver).ConfigureAwait(false);
    }
}
