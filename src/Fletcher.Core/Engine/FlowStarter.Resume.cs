using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>How a run that was claimed goes on.</summary>
internal sealed partial class FlowStarter<T>
{
    private async ValueTask<T> ResumeAsync(Claim claim, string why, bool isAskedFor)
    {
        // One that waits for a fix was not called again for one more attempt only.
        if (claim.Run.Failures > _flow.Retries)
            claim = claim with { Run = claim.Run with { Failures = 0, NextAttemptAt = null } };
        var (record, seen) = await PrepareAsync(claim, why, isAskedFor).ConfigureAwait(false);
        return await ExecuteAsync(record with { CallerHostId = host.Id }, seen, true, isAskedFor).ConfigureAwait(false);
    }

    /// <summary>Makes the record of a claimed run fit for being executed.</summary>
    private async ValueTask<(FlowRunRecord Record, long Seen)> PrepareAsync(Claim claim, string why, bool isAskedFor)
    {
        var record = claim.Run with
        {
            CodeVersion = host.CodeVersion,
            Name = call.Name(),
        };

        IReadOnlyList<StepRunRecord> failed = [];

        // A crash or a wait does not give the flow its retries back; a failure that somebody or the flow wants repaired does.
        if (isAskedFor || claim.From is FlowRunState.Failed or FlowRunState.Cancelled)
        {
            // What is left to undo is undone first, and then the flow is executed again.
            record = record with
            {
                Failures = 0,
                NextAttemptAt = null,
                Undoing = record.Undoing is { } undoing ? undoing with { To = FlowRunState.Running } : null,
            };
            failed = await FailedTransactions.ReadAsync(host.Store, record.Id).ConfigureAwait(false);
        }

        if (isAskedFor)
            record = record with { Crashes = 0 };
        var seen = host.Writer.Add(record.Id, new Lease(record), batch =>
        {
            batch.Ledger.Add(new LedgerEntry
            {
                RunId = record.Id,
                At = host.Now,
                From = claim.From.ToString(),
                To = nameof(FlowRunState.Running),
                Actor = isAskedFor ? "user" : "engine",
                Reason = why,
            });
            batch.FlowRuns.Add(record);
            batch.StepRuns.AddRange(failed);
        });
        if (failed.Count > 0)
            await host.Writer.CommitAsync(seen).ConfigureAwait(false); // what the run remembers is read from the store
        return (record, seen);
    }

    /// <summary>A run that this host has got.</summary>
    /// <param name="Run">Its record since.</param>
    /// <param name="From">The state that it was in.</param>
    private sealed record Claim(FlowRunRecord Run, FlowRunState From);
}
