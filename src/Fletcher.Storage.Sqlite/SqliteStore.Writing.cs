using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public async ValueTask WriteAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        var writer = Writer;
        WriteLargeValues(batch);
        await writer.TransactAsync(
            batch,
            static (writer, batch) =>
            {
                writer.Write(batch);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<FlowRunRecord?> TryCreateOnceAsync(FlowRunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.OnceKey is null)
            throw new ArgumentException($"Run {run.Id} of flow '{run.Flow}' has no OnceKey.", nameof(run));

        cancellationToken.ThrowIfCancellationRequested();
        var writer = Writer;
        WriteLargeValue(run.Result);
        return await writer.TransactAsync(run, static (writer, run) => writer.Claims.TryCreateOnce(run), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<FlowRunRecord?> TryClaimAsync(
        RunId run, long expectedFence, Guid hostId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await Writer.TransactAsync(
            (run, expectedFence, hostId, now),
            static (writer, claim) => writer.Claims.TryClaim(claim.run, claim.expectedFence, claim.hostId, claim.now),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask PutHostAsync(HostRecord host, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        cancellationToken.ThrowIfCancellationRequested();
        await Writer.TransactAsync(
            host,
            static (writer, host) =>
            {
                writer.Hosts.Put(host);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private void WriteLargeValues(WriteBatch batch)
    {
        foreach (var run in batch.StepRuns)
            WriteLargeValue(run?.Result);
        foreach (var run in batch.FlowRuns)
            WriteLargeValue(run?.Result);
        foreach (var entry in batch.Cache)
            WriteLargeValue(entry?.Result);
    }

    private void WriteLargeValue(StoredValue? value)
    {
        if (value?.Content is { } content && content.Length > _options.LargeValueThreshold)
            _largeValues.Write(value);
    }
}
