namespace Fletcher.Storage.Sqlite;

/// <summary>Opens the writing connection: folder, file, whose it is, write-ahead log, schema.</summary>
internal static class StoreOpener
{
    public static async ValueTask<Connection> OpenAsync(
        string path, SqliteStoreOptions options, CancellationToken cancellationToken)
    {
        if (!options.MustExist)
            CreateFolder(path);
        else if (!File.Exists(path))
            throw StoreErrors.Missing(path);
        Connection? connection = null;
        try
        {
            connection = Connection.Open(path, create: !options.MustExist);
            var wait = new BusyWait(path, options.BusyTimeout);
            while (!TryPrepare(connection, options))
                await wait.PauseAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (SqliteFailureException e)
        {
            connection?.Dispose();
            throw StoreErrors.From(e, path);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    private static void CreateFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Opening(path, e);
        }
    }

    // In one transaction: between two reads of their own, another process may have made the store.
    private static void InspectAtOneMoment(Connection connection, bool mustExist)
    {
        connection.Execute("BEGIN");
        try
        {
            Migrator.Inspect(connection);
            if (mustExist)
                Migrator.InspectExisting(connection);
        }
        finally
        {
            connection.Rollback();
        }
    }

    // Every part may be done again, and is, when another process is opening the same store.
    private static bool TryPrepare(Connection connection, SqliteStoreOptions options)
    {
        try
        {
            // Before anything is changed: a file that is not ours is left as it is, even its journal mode.
            InspectAtOneMoment(connection, options.MustExist);
            // Has an effect on an empty file only. The last page of a table is written in each commit that appends to it, so
            // larger pages write less in batches; beyond this size single commits become slower.
            connection.Execute("PRAGMA page_size = 8192");
            // So that the room of runs that were let go can be given back bit by bit. To a file that has it, it would be written each time.
            if (connection.QueryInteger("PRAGMA page_count") == 0)
                connection.Execute("PRAGMA auto_vacuum = INCREMENTAL");
            var mode = connection.QueryText("PRAGMA journal_mode = WAL");
            if (mode != "wal")
                throw StoreErrors.WithoutWal(connection.Path, mode);

            connection.Execute(options.Durability == Durability.Full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            connection.Execute("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; PRAGMA journal_size_limit = 67108864");

            var isComplete = options.MustExist;
            while (!isComplete)
            {
                if (!Migrator.TryStep(connection, options.TimeProvider, out isComplete))
                    return false;
            }

            return true;
        }
        catch (SqliteFailureException e) when (e.IsBusy)
        {
            return false;
        }
    }
}
