using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

public sealed partial class SqliteStore
{
    private const int MostFindings = 100;
    private static readonly string[] FileEnds = ["", "-wal", "-shm"];

    /// <inheritdoc/>
    public async ValueTask<StoreStatistics> GetStatisticsAsync(CancellationToken cancellationToken)
    {
        var found = await Readers.ReadAsync(this, static (reader, _) => StatisticsReader.Read(reader), cancellationToken).ConfigureAwait(false);
        var large = _largeValues.CountBytes();
        return found with { LargeValueBytes = large, Bytes = large + FileEnds.Sum(end => new FileInfo(_path + end) is { Exists: true } file ? file.Length : 0) };
    }

    /// <summary>Folds the write-ahead log back into the database.</summary>
    internal async ValueTask CheckpointAsync(CancellationToken cancellationToken) =>
        await Writer.AloneAsync(static connection => connection.QueryInteger("PRAGMA wal_checkpoint(TRUNCATE)"), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        var damages = await Readers.ReadAsync(
            MostFindings, static (reader, most) => StatisticsReader.FindDamages(reader, most), cancellationToken).ConfigureAwait(false);
        if (damages.Count > 0)
            return [.. damages.Select(damage => $"The database '{_path}' is damaged: {damage}. Make a copy of it and of the files beside it, and save what can be saved with 'sqlite3 \"{_path}\" .recover'.")];

        List<string> findings = [];
        var last = default(ContentHash);
        List<(ContentHash Hash, long Length)> page;
        do
        {
            page = await Readers.ReadAsync((last, PageRows), static (reader, q) => StatisticsReader.LargeValues(reader, q.last, q.PageRows), cancellationToken).ConfigureAwait(false);
            foreach (var (hash, length) in page)
            {
                last = hash;
                if (findings.Count < MostFindings && !_largeValues.IsThere(hash, length))
                    findings.Add($"The result {hash} is not beside the store in '{_path}.results', or has not {length} bytes. Restore the file from a backup, or let its step run again under a new run.");
            }
        }
        while (page.Count == PageRows);
        return findings;
    }

    /// <inheritdoc/>
    public ValueTask BackUpAsync(string path, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _ = Writer;
        var copy = Path.GetFullPath(path);
        if (Path.Exists(copy) || Path.Exists(copy + ".results"))
            throw StoreErrors.CopyExists(Path.Exists(copy) ? copy : copy + ".results");
        try
        {
            // A connection of its own: it reads for a long time, and those of the pool may write nothing.
            using var connection = Connection.Open(_path, create: false);
            connection.Prepare("VACUUM INTO ?1").Bind(1, copy).Execute();
            // Behind the database: each file that its rows refer to was complete before they were committed.
            _largeValues.CopyTo(copy, cancellationToken);
        }
        catch (SqliteFailureException e)
        {
            throw StoreErrors.From(e, e.PrimaryCode == SQLitePCL.raw.SQLITE_CANTOPEN ? copy : _path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.From(e, copy);
        }

        return ValueTask.CompletedTask;
    }
}
