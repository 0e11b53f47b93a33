using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>What lets go of the runs of a <see cref="SqliteStore"/>.</summary>
internal sealed class SqliteRetention(Func<WriterConnection> writer, Func<ReaderPool> readers, LargeValues files) : IRetentionStore
{
    private const int FilesAtOnce = 100;
    private const int PagesAtOnce = 256;

    /// <summary>For how long a file stays that nobody refers to: a writer that found it there may be about to.</summary>
    private static readonly TimeSpan UnusedLife = TimeSpan.FromHours(1);

    public ValueTask<bool> TryTakeTurnAsync(DateTimeOffset now, TimeSpan every, CancellationToken cancellationToken) =>
        WriteAsync((now, every), static (writer, q) => writer.Retention.TryTakeTurn(q.now, q.every), cancellationToken);

    public async ValueTask PutPoliciesAsync(IReadOnlyDictionary<string, RetentionPolicy> policies, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(policies);
        await WriteAsync(
            policies,
            static (writer, policies) =>
            {
                foreach (var (flow, policy) in policies)
                    writer.Retention.PutPolicy(flow, policy);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyDictionary<string, RetentionPolicy?>> GetPoliciesAsync(CancellationToken cancellationToken) =>
        await readers().ReadAsync(0, static (reader, _) => RetentionReader.Policies(reader), cancellationToken).ConfigureAwait(false);

    public ValueTask<EndedPlace?> FindPlaceAsync(string flow, RetentionKind kind, int skip, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        return readers().ReadAsync((flow, kind, skip), static (reader, q) => RetentionReader.FindPlace(reader, q.flow, q.kind, q.skip), cancellationToken);
    }

    public async ValueTask<PrunedRuns> PruneAsync(PruneRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Limit, 1, "request.Limit");
        // Mostly there is nothing: that must not keep writers waiting.
        var found = await readers().ReadAsync(
            request, static (reader, request) => RetentionReader.Answer(request, RetentionReader.Find(reader, request)), cancellationToken).ConfigureAwait(false);
        return request.DryRun || found.Runs.Count == 0
            ? found
            : await WriteAsync(request, static (writer, request) => writer.Retention.Prune(request), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>There are no parts.</summary>
    public ValueTask<int> DropAsync(DateTimeOffset now, CancellationToken cancellationToken) => new(0);

    public async ValueTask<ClearedRows> ClearAsync(int rows, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        if (!await readers().ReadAsync(0, static (reader, _) => reader.QueryInteger("SELECT EXISTS (SELECT 1 FROM pruned_runs)") == 1, cancellationToken).ConfigureAwait(false))
            return default;
        return await WriteAsync((rows, now), static (writer, q) => writer.Retention.Clear(q.rows, q.now), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<Forgotten> ForgetAsync(ForgetRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.DryRun)
            return await readers().ReadAsync(request, static (reader, request) => RetentionReader.Count(reader, request), cancellationToken).ConfigureAwait(false);
        var forgotten = await readers().ReadAsync(request, static (reader, request) => RetentionReader.IsAnyOld(reader, request), cancellationToken).ConfigureAwait(false)
            ? await WriteAsync(request, static (writer, request) => writer.Retention.Forget(request), cancellationToken).ConfigureAwait(false)
            : default;
        return forgotten with { IsMore = await DeleteFilesAsync(request.Now, cancellationToken).ConfigureAwait(false) || forgotten.IsMore };
    }

    public ValueTask<DateTimeOffset?> GetKeysForgottenAsync(string flow, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return readers().ReadAsync(flow, RetentionReader.KeysForgotten, cancellationToken);
    }

    public async ValueTask<GivenBack> GiveBackAsync(CancellationToken cancellationToken)
    {
        var (size, before, after, isOn) = await WriteAsync(0, static (writer, _) => writer.Retention.GiveBack(PagesAtOnce), cancellationToken).ConfigureAwait(false);
        return new GivenBack((before - after) * size, isOn && after > 0 && after < before, after * size, !isOn && after > 0);
    }

    public async ValueTask CompactAsync(CancellationToken cancellationToken) =>
        await writer().AloneAsync(
            static connection =>
            {
                connection.Execute("PRAGMA auto_vacuum = INCREMENTAL; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    private async ValueTask<bool> DeleteFilesAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!await readers().ReadAsync(
            now - UnusedLife,
            static (reader, before) => reader.Prepare("SELECT EXISTS (SELECT 1 FROM unused_values WHERE since < ?1)").Bind(1, before).QuerySingle(static row => row.GetInt64(0)) == 1,
            cancellationToken).ConfigureAwait(false))
            return false;

        // In the transaction, which keeps out who would refer to one meanwhile.
        return await WriteAsync(
            (files, now, before: now - UnusedLife),
            static (writer, q) =>
            {
                var unused = writer.Retention.FindUnused(q.before, FilesAtOnce);
                foreach (var hash in unused)
                {
                    if (q.files.Delete(hash, UnusedLife))
                        writer.Retention.ForgetUnused(hash);
                    else
                        writer.Retention.KeepUnused(hash, q.now);
                }

                return unused.Count == FilesAtOnce;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<TResult> WriteAsync<TState, TResult>(TState state, Func<BatchWriter, TState, TResult> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return writer().TransactAsync(state, body, cancellationToken);
    }
}
