using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public async ValueTask<FlowRunRecord?> TryCreateOnceAsync(FlowRunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.OnceKey is null)
            throw new ArgumentException($"Run {run.Id} of flow '{run.Flow}' has no OnceKey.", nameof(run));

        cancellationToken.ThrowIfCancellationRequested();
        var writer = Writer;
        WriteLargeValue(run.Result);
        var existing = await writer.TransactAsync(run, static (writer, run) => writer.Claims.TryCreateOnce(run), cancellationToken)
            .ConfigureAwait(false);
        if (existing is null && run.IsLookedFor())
            _changes.Work.Tell();
        return existing;
    }

    /// <inheritdoc/>
    public async ValueTask<FlowRunRecord?> TryClaimAsync(
        RunId run, RunVersion expected, Guid hostId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await Writer.TransactAsync(
            (run, expected, hostId, now),
            static (writer, claim) => writer.Claims.TryClaim(claim.run, claim.expected, claim.hostId, claim.now),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ClaimedRun>> ClaimDueAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        // Hosts ask often, and mostly there is nothing: that must not keep writers waiting.
        if (!(await GetNextWakeAsync(request, cancellationToken).ConfigureAwait(false) <= request.Now))
            return [];

        return await Writer.TransactAsync(
            request, static (writer, request) => writer.Claims.ClaimDue(request), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryReplaceAsync(
        FlowRunRecord run, RunVersion expected, WriteBatch beside, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(beside);
        if (run.Fence <= expected.Fence)
            throw new ArgumentException($"The fence of run {run.Id} is {run.Fence}: it must be greater than {expected.Fence}.", nameof(run));

        cancellationToken.ThrowIfCancellationRequested();
        var writer = Writer;
        WriteLargeValue(run.Result);
        WriteLargeValues(beside);
        var isReplaced = await writer.TransactAsync(
            (run, expected, beside),
            static (writer, change) => writer.TryReplace(change.run, change.expected, change.beside),
            cancellationToken).ConfigureAwait(false);
        if (isReplaced && (run.IsLookedFor() || IsLookedFor(beside)))
            _changes.Work.Tell();
        return isReplaced;
    }

    /// <inheritdoc/>
    public ValueTask<DateTimeOffset?> GetNextWakeAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        StoreArguments.Check(request);
        return Readers.ReadAsync(request, WaitingReader.NextWake, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FlowRunRecord>> GetRunsOfHostAsync(
        Guid hostId, RunId after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await Readers.ReadAsync(
            (hostId, after, limit),
            static (reader, q) => FlowRunReader.OfHost(reader, q.hostId, q.after, q.limit),
            cancellationToken).ConfigureAwait(false);
    }
}
