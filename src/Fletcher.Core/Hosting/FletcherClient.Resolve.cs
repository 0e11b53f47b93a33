using System.Globalization;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

public sealed partial class FletcherClient
{
    /// <summary>
    /// Says what happened with an at-most-once step run of which nobody knows whether it took effect: its process went away inside it. The flow's code then finds what was said
    /// when it is executed again, as after <see cref="RetryAsync"/>. Who said it, when and why is in the ledger. The run stays as it is.
    /// </summary>
    /// <param name="run">The run that has the step run; a sub-flow, if it is in one.</param>
    /// <param name="step">The step run, by sequence or by a name that only it has.</param>
    /// <param name="resolution">What happened.</param>
    /// <param name="reason">How that is known, in one sentence. Default: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">
    /// There is no such run or step run, or several have the name; the step run is not in doubt (any more); a host has the run and is not known to be dead; or the result cannot be written as JSON.
    /// </exception>
    public async Task ResolveAsync(
        RunId run, StepSelector step, StepResolution resolution, string? reason = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resolution);
        while (true)
        {
            var record = await FindAsync(run, cancellationToken).ConfigureAwait(false);
            var root = record.RootRunId == record.Id ? record : await FindAsync(record.RootRunId, cancellationToken).ConfigureAwait(false);
            var history = await RunHistory.ReadAsync(_store, record, cancellationToken).ConfigureAwait(false);
            var doubtful = history.Select(step);
            CheckDoubt(record, doubtful);
            await CheckNoHostAsync(root, cancellationToken).ConfigureAwait(false);

            var resolved = Resolve(doubtful, resolution, reason);
            var beside = WriteBatch.Of(new LedgerEntry
            {
                RunId = run,
                Sequence = doubtful.Sequence,
                At = _time.GetUtcNow(),
                From = doubtful.State.ToString(),
                To = resolved.Discarded ? "Discarded" : resolved.State.ToString(),
                Actor = Actor,
                Reason = resolved.Reason!,
            });
            beside.StepRuns.Add(resolved);

            // The new fence keeps out a host that has read the run and its step runs before and would go on from there.
            if (await _store.TryReplaceAsync(root with { Fence = root.Fence + 1 }, root.Version, beside, cancellationToken).ConfigureAwait(false))
                return;
        }
    }

    private StepRunRecord Resolve(StepRunRecord step, StepResolution resolution, string? reason)
    {
        var now = _time.GetUtcNow();
        return resolution.Kind switch
        {
            ResolutionKind.TookEffect => step with
            {
                State = StepRunState.Completed,
                EndedAt = now,
                Error = null,
                Result = resolution.Result?.ToStored(_json, $"result of {RunHistory.Show(step)}"),
                Reason = Wording.Say($"{Actor} says that it took effect", reason),
            },
            ResolutionKind.DidNothing => step with
            {
                State = StepRunState.Unknown,
                EndedAt = step.EndedAt ?? now,
                Discarded = true,
                Reason = Wording.Say($"{Actor} says that it did not take effect", reason),
            },
            _ => step with
            {
                State = StepRunState.Failed,
                EndedAt = now,
                Error = new ErrorRecord { Type = "Fletcher.ReportedFailure", Message = resolution.Error!, Class = FailureClass.Dependency },
                Reason = Wording.Say($"{Actor} says that it failed", reason),
            },
        };
    }

    private static void CheckDoubt(FlowRunRecord run, StepRunRecord step)
    {
        var isInDoubt = step.State == StepRunState.Unknown || step is { AtMostOnce: true, State: StepRunState.Running or StepRunState.Crashed };
        if (!isInDoubt)
        {
            throw new FletcherUsageException(
                "FLT1511", $"There is no doubt about {RunHistory.Show(step)} of run {run.Id} of '{run.Flow}': it is {step.State}{(step.Reason is { } why ? $" ({why})" : "")}.");
        }
    }

    private async ValueTask CheckNoHostAsync(FlowRunRecord root, CancellationToken cancellationToken)
    {
        if (root.State.IsEnd() || root.HostId is not { } id)
            return;
        var host = await _store.GetHostAsync(id, cancellationToken).ConfigureAwait(false);
        if (host is null or { EndedAt: not null } || (HostIdentity.IsSameMachine(host, HostIdentity.Create(_time)) && !HostIdentity.IsProcessThere(host)))
            return;
        throw new FletcherUsageException(
            "FLT1512",
            string.Create(CultureInfo.InvariantCulture, $"Flow run {root.Id} of '{root.Flow}' is {root.State} on a host (process {host.ProcessId} on {host.Machine}) that is not known to be dead. ")
            + "Wait until the run has ended, or cancel it.");
    }
}
