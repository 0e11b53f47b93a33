using SQLitePCL;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// One SQLite connection with its prepared statements. It goes to SQLite's own interface instead of through
/// Microsoft.Data.Sqlite, because a step run has some twenty values and that layer's cost per parameter exceeds SQLite's
/// (see docs/storage.md). Used by one thread at a time.
/// </summary>
internal sealed class Connection : IDisposable
{
    private readonly sqlite3 _handle;
    private readonly Dictionary<string, Statement> _statements = [];

    static Connection() => Batteries_V2.Init();

    private Connection(sqlite3 handle, string path)
    {
        _handle = handle;
        Path = path;
    }

    public string Path { get; }

    /// <summary>Whether a transaction is open. SQLite ends it by itself after some errors, such as a full disk.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    public static Connection Open(string path, bool create)
    {
        var flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX | (create ? raw.SQLITE_OPEN_CREATE : 0);
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null);
        if (code != raw.SQLITE_OK)
        {
            var failure = new SqliteFailureException(
                handle is { IsInvalid: false } ? raw.sqlite3_extended_errcode(handle) : code,
                handle is { IsInvalid: false } ? raw.sqlite3_errmsg(handle).utf8_to_string() : "cannot open",
                sql: null);
            handle?.Dispose();
            throw failure;
        }

        _ = raw.sqlite3_extended_result_codes(handle, 1);
        // SQLite opens what it may not write for reading, and would only say so at the first write.
        if (raw.sqlite3_db_readonly(handle, "main") == 1)
        {
            handle.Dispose();
            throw new SqliteFailureException(raw.SQLITE_READONLY, "attempt to write a readonly database", sql: null);
        }

        // Waiting is done by BusyWait: SQLite's own wait blocks the thread, hears no cancellation, and between two tries
        // sleeps so long that a process which commits without pause would keep the others out.
        _ = raw.sqlite3_busy_timeout(handle, 0);
        // Without it SQLite compares bound values with the conditions of partial indexes, and for that compiles such a
        // statement anew each time it is bound: half a millisecond instead of some microseconds.
        _ = raw.sqlite3_db_config(handle, raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _);
        return new Connection(handle, path);
    }

    /// <summary>The statement for this text, prepared at the first use and kept. Pass constants only.</summary>
    public Statement Prepare(string sql)
    {
        if (_statements.TryGetValue(sql, out var known))
            return known;

        const uint persistent = 1; // SQLITE_PREPARE_PERSISTENT
        var code = raw.sqlite3_prepare_v3(_handle, sql, persistent, out var handle);
        if (code != raw.SQLITE_OK)
            throw Failure(code, sql);
        return _statements[sql] = new Statement(this, handle, sql);
    }

    /// <summary>Runs statements that return nothing and are not worth keeping.</summary>
    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(_handle, sql, out string? _);
        if (code != raw.SQLITE_OK)
            throw Failure(code, sql);
    }

    public long QueryInteger(string sql) => Prepare(sql).QuerySingle(static row => row.GetInt64(0));

    public string? QueryText(string sql) => Prepare(sql).QuerySingle(static row => row.GetText(0));

    /// <summary>Begins a transaction that may write.</summary>
    /// <returns>False when another process has one.</returns>
    public bool TryBegin() => Prepare("BEGIN IMMEDIATE").TryExecute();

    public void Commit() => Prepare("COMMIT").Execute();

    /// <summary>Takes back what the open transaction did. Does not throw: it runs after something else has failed.</summary>
    public void Rollback()
    {
        if (!InTransaction)
            return;

        foreach (var statement in _statements.Values)
            statement.Reset();
        _ = raw.sqlite3_exec(_handle, "ROLLBACK");
    }

    /// <summary>Whether the file at <see cref="Path"/> is not the one that is open: deleted, moved or replaced.</summary>
    public bool HasMoved() => FileControl.HasMoved(_handle) ?? !File.Exists(Path);

    public SqliteFailureException Failure(int code, string? sql)
    {
        var extended = raw.sqlite3_extended_errcode(_handle);
        return new SqliteFailureException(
            (extended & 0xFF) == (code & 0xFF) ? extended : code, raw.sqlite3_errmsg(_handle).utf8_to_string(), sql);
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _statements.Clear();
        _handle.Dispose();
    }
}
