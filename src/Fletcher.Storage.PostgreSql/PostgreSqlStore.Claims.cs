using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

public sealed partial class PostgreSqlStore
{
    /// <inheritdoc/>
    public async ValueTask<FlowRunRecord?> TryCreateOnceAsync(FlowRunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.OnceKey is null)
            throw new ArgumentException($"Run {run.Id} of flow '{run.Flow}' has no OnceKey.", nameof(run));

        cancellationToken.ThrowIfCancellationRequested();
        _ = Opened;
        WriteBatchCheck.Check(run);
        while (true)
        {
            var outcome = await OnceAsync(
                (Store: this, run), static (batch, create) => create.Store.CreateOnceAsync(batch, create.run), run.IsLookedFor(), cancellationToken)
                .ConfigureAwait(false);
            if (!outcome.IsRefused)
                return null;

            // What has the key may have lost it since.
            if (await FindOnceAsync(run.Flow, run.OnceKey, cancellationToken).ConfigureAwait(false) is { } existing)
                return existing;
        }
    }

    /// <inheritdoc/>
    public ValueTask<FlowRunRecord?> TryClaimAsync(
        RunId run, RunVersion expected, Guid hostId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ = Opened;
        return _claims.TryClaimAsync(run, expected, hostId, now, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ClaimedRun>> ClaimDueAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        StoreArguments.Check(request);
        cancellationToken.ThrowIfCancellationRequested();
        _ = Opened;
        return _claims.ClaimDueAsync(request, cancellationToken);
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
        _ = Opened;
        WriteBatchCheck.Check(beside);
        WriteBatchCheck.Check(run);
        var outcome = await OnceAsync(
            (Store: this, run, expected, beside),
            static (batch, change) => change.Store.ReplaceAsync(batch, change.run, change.expected, change.beside),
            run.IsLookedFor() || Hints.IsLookedFor(beside),
            cancellationToken).ConfigureAwait(false);
        return !outcome.IsRefused;
    }

    /// <inheritdoc/>
    public ValueTask<DateTimeOffset?> GetNextWakeAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        StoreArguments.Check(request);
        cancellationToken.ThrowIfCancellationRequested();
        _ = Opened;
        return _claims.NextWakeAsync(request, cancellationToken);
    }

    private async ValueTask CreateOnceAsync(NpgsqlBatch batch, FlowRunRecord run)
    {
        _locks.TakeOnce(batch, run);
        _locks.Take(batch, [run]);
        await _records.PrepareAsync(batch, run).ConfigureAwait(false);
        _records.FlowRuns.Put(batch, [run]);
    }

    private async ValueTask ReplaceAsync(NpgsqlBatch batch, FlowRunRecord run, RunVersion expected, WriteBatch beside)
    {
        _locks.Expect(batch, run, expected);
        _locks.Take(batch, beside.FlowRuns);
        await _records.PrepareAsync(batch, beside).ConfigureAwait(false);
        await _records.PrepareAsync(batch, run).ConfigureAwait(false);
        _records.Put(batch, beside);
        _records.FlowRuns.Put(batch, [run]);
        _families.End(batch, run);
    }
}
