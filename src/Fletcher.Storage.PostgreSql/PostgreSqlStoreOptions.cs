namespace Fletcher.Storage.PostgreSql;

/// <summary>How a <see cref="PostgreSqlStore"/> is set up.</summary>
public sealed record PostgreSqlStoreOptions
{
    /// <summary>
    /// Where the database is and who logs in, in Npgsql's words: <c>Host=db;Database=fletcher;Username=fletcher;Password=…</c>. Its password
    /// is never shown by Fletcher. The store adds <c>Max Auto Prepare=200</c>, <c>No Reset On Close=true</c>,
    /// <c>Application Name=Fletcher</c> and <c>Timeout=15</c> where it says nothing else.
    /// </summary>
    public required string ConnectionString { get; init; }

    /// <summary>
    /// The schema that holds all of Fletcher's tables; it is created when missing. Letters, digits and underscores, at most 48. Stores in
    /// different schemas of a database know nothing of each other. Default: <c>fletcher</c>.
    /// </summary>
    public string Schema { get; init; } = "fletcher";

    /// <summary>
    /// Whether only to open a store that is there and has just this schema: opening neither makes one nor changes the schema of an older one, nor adds partitions, but throws
    /// <see cref="StoreUnavailableException"/> (FLT1117, FLT1118). For programs that look at a store. Default: false.
    /// </summary>
    public bool MustExist { get; init; }

    /// <summary>
    /// Results of more bytes than this are kept once for all runs that have them, in a table of their own, instead of in the rows of their
    /// steps. Default: 64 KiB. May be changed at any time; values stay where they were written.
    /// </summary>
    public int LargeValueThreshold { get; init; } = 64 * 1024;

    /// <summary>
    /// How long to go on trying while the server is away, refuses connections or breaks off what it is asked, before giving up with
    /// <see cref="StoreUnavailableException"/>. Opening the store waits so long too, but 10 seconds at the most. Default: 60 seconds.
    /// </summary>
    public TimeSpan ServerWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The clock by which a run that is sent something, or whose flow is resumed, is due at once; that of the hosts which use the store.
    /// Waiting for the server goes by real time, whatever this clock does. Default: the system's.
    /// </summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Without the connection string, which may hold a password.</summary>
    public override string ToString() => $"{nameof(PostgreSqlStoreOptions)} {{ Schema = {Schema} }}";
}
