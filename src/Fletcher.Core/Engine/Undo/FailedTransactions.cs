using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>Transactions whose failure is remembered, and forgotten when a run is tried anew.</summary>
internal static class FailedTransactions
{
    /// <summary>The records that let the run forget those that are stored.</summary>
    internal static async ValueTask<IReadOnlyList<StepRunRecord>> ReadAsync(IRunStore store, RunId run)
    {
        List<StepRunRecord> failed = [];
        await foreach (var step in store.GetStepRunsAsync(run, CancellationToken.None).ConfigureAwait(false))
        {
            if (TransactionStep.Is(step) && step is { State: StepRunState.Failed, Discarded: false })
                failed.Add(Forgotten(step));
        }

        return failed;
    }

    internal static StepRunRecord Forgotten(StepRunRecord transaction) =>
        transaction with { Discarded = true, Reason = transaction.Reason is { } reason ? $"{reason}; it was tried anew" : "it was tried anew" };
}
