using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>What an execution writes: everything goes to the host's writer under the family's lease.</summary>
internal abstract partial class FlowExecution
{
    internal long Write(StepRunRecord step) => Host.Writer.Add(step, Lease);

    internal long Write(FlowRunRecord run) => Host.Writer.Add(run, Lease);

    internal long Write(LedgerEntry entry) => Write(batch => batch.Ledger.Add(entry));

    internal long Write(CacheEntry entry) => Write(batch => batch.Cache.Add(entry));

    internal void Write(LogLine line)
    {
        line = RecordMask.Of(line);
        Host.Writer.Add(line, Lease);
        Host.Observers.LogWritten(line);
    }

    internal void Write(ArtifactRecord artifact)
    {
        artifact = RecordMask.Of(artifact);
        Write(batch => batch.Artifacts.Add(artifact));
        Host.Observers.ArtifactWritten(artifact);
    }

    /// <summary>Writes several records that must become visible together.</summary>
    internal long Write(Action<WriteBatch> add) => Host.Writer.Add(Id, Lease, add);

    /// <summary>Returns when everything up to the ticket is committed.</summary>
    /// <exception cref="RunLostException">Somebody else has the run, so its records are not kept.</exception>
    /// <exception cref="StoreUnavailableException">The store did not take it. It stays in line.</exception>
    internal ValueTask CommitAsync(long ticket)
    {
        var pending = Host.Writer.CommitAsync(ticket);
        if (!pending.IsCompletedSuccessfully)
            return AwaitCommitAsync(pending);
        Lease.ThrowIfLost();
        return ValueTask.CompletedTask;
    }

    private async ValueTask AwaitCommitAsync(ValueTask pending)
    {
        await pending.ConfigureAwait(false);
        Lease.ThrowIfLost();
    }
}
