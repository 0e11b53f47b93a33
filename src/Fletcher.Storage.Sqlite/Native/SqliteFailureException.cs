using SQLitePCL;

namespace Fletcher.Storage.Sqlite;

/// <summary>What SQLite answered, before <see cref="StoreErrors"/> puts it into words. Never leaves this assembly.</summary>
internal sealed class SqliteFailureException(int code, string message, string? sql)
    : Exception(sql is null ? message : $"{message} (in: {sql})")
{
    /// <summary>The extended result code.</summary>
    public int Code { get; } = code;

    /// <summary>The result code without its extension.</summary>
    public int PrimaryCode => Code & 0xFF;

    /// <summary>Whether somebody else is in the way, so that the same thing tried again can succeed.</summary>
    public bool IsBusy => IsBusyCode(Code);

    public static bool IsBusyCode(int code) => (code & 0xFF) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL;
}
