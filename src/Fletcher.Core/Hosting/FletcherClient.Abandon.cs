using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

public sealed partial class FletcherClient
{
    /// <summary>
    /// Ends a run as cancelled, at once and in the store, whoever has it and whether anybody does: its code is not executed for that, so neither its cleanup nor its undo
    /// runs. A host that has it finds that out at its next write, or within a second, and stops the code. Its sub-flows end with it, and its open
    /// questions are closed. Use <see cref="CancelAsync"/> where a host lives that has the flow; this is for the others.
    /// </summary>
    /// <param name="run">The run; it must be no sub-flow.</param>
    /// <param name="reason">Why, in one sentence. Default: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">There is no such run, it has ended for good, or it is a sub-flow.</exception>
    public async Task AbandonAsync(RunId run, string? reason = null, CancellationToken cancellationToken = default)
    {
        FlowRunRecord ended;
        while (true)
        {
            var record = await FindAsync(run, cancellationToken).ConfigureAwait(false);
            CheckRoot(record);
            if (record.State.IsEnd() && record.State != FlowRunState.Crashed && record.WakeAt is null)
                throw new FletcherUsageException("FLT1503", $"Flow run {run} of '{record.Flow}' ended {record.State} at {record.EndedAt:u}: there is nothing to abandon.");
            var now = _time.GetUtcNow();
            var why = Wording.Say($"abandoned by {Actor}", reason);
            ended = record with
            {
                State = FlowRunState.Cancelled,
                Reason = why,
                Fence = record.Fence + 1,
                EndedAt = now,
                HostId = null,
                WakeAt = null,
                NextAttemptAt = null,
            };
            var beside = WriteBatch.Of(new LedgerEntry
            {
                RunId = run,
                At = now,
                From = record.State.ToString(),
                To = nameof(FlowRunState.Cancelled),
                Actor = Actor,
                Reason = why,
            });

            // So that a host that has it need not write first to find out.
            if (record.HostId is not null)
                beside.Messages.Add(New(run, MessageKind.Cancel, reason));
            if (await _store.TryReplaceAsync(ended, record.Version, beside, cancellationToken).ConfigureAwait(false))
                break;
        }

        _host?.Loop.Poke();
        await EndStepsAsync(ended, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends the step runs that were open, so that none is shown as running for ever. Only now: as long as a host could write, one might have completed. It is done
    /// under the lease of the end, and not at all when somebody has asked for the run again.
    /// </summary>
    private async ValueTask EndStepsAsync(FlowRunRecord ended, CancellationToken cancellationToken)
    {
        var batch = new WriteBatch();
        var lease = new RunLease(ended.Id, ended.Fence);
        await EndStepsAsync(ended.Id, ended, batch, lease, cancellationToken).ConfigureAwait(false);
        foreach (var request in await _store.GetUntakenAsync(ended.Id, cancellationToken).ConfigureAwait(false))
        {
            if (request.Kind is not (MessageKind.Signal or MessageKind.Answer))
                batch.Taken.Add(new TakenMessage(request.RunId, request.Number, -1));
        }

        try
        {
            await _store.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch (LeasesLostException)
        {
            // Whoever has the run now finds its step runs as a crash would have left them.
        }
    }

    private async ValueTask EndStepsAsync(RunId run, FlowRunRecord ended, WriteBatch batch, RunLease lease, CancellationToken cancellationToken)
    {
        batch.Leases[run] = lease;
        await foreach (var step in _store.GetStepRunsAsync(run, cancellationToken).ConfigureAwait(false))
        {
            if (step.State.IsEnd())
                continue;
            var isInDoubt = step is { AtMostOnce: true, State: StepRunState.Running };
            batch.StepRuns.Add(step with
            {
                State = isInDoubt ? StepRunState.Unknown : StepRunState.Cancelled,
                EndedAt = ended.EndedAt,
                NextAttemptAt = null,
                Reason = isInDoubt ? $"{ended.Reason} while it ran, so whether it took effect is not known" : ended.Reason,
            });
            if (step.ChildRunId is { } child && await _store.GetFlowRunAsync(child, cancellationToken).ConfigureAwait(false) is { } inside && inside.RootRunId == ended.Id)
                await EndStepsAsync(child, ended, batch, lease, cancellationToken).ConfigureAwait(false);
        }
    }
}
