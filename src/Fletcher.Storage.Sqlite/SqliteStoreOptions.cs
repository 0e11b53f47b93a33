namespace Fletcher.Storage.Sqlite;

/// <summary>How a <see cref="SqliteStore"/> is set up.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The database file; it and its folder are created when missing. Default: <see cref="SqliteStorePath.Default()"/>.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// Whether only to open a store that is there and has just this schema: opening neither makes one nor changes the schema of an older one, but throws
    /// <see cref="StoreUnavailableException"/> (FLT1117, FLT1118). For programs that look at a store. Default: false.
    /// </summary>
    public bool MustExist { get; init; }

    /// <summary>What a commit survives. Default: <see cref="Durability.Full"/>.</summary>
    public Durability Durability { get; init; } = Durability.Full;

    /// <summary>
    /// Values of more bytes than this are kept in a file each, in the folder <c>(database).results</c>, instead of in the
    /// database. Default: 64 KiB. May be changed at any time; values stay where they were written.
    /// </summary>
    public int LargeValueThreshold { get; init; } = 64 * 1024;

    /// <summary>
    /// How long to wait for another process that has the database locked, before giving up with
    /// <see cref="StoreUnavailableException"/>. Default: 60 seconds.
    /// </summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The clock by which a run that is sent something, or whose flow is resumed, is due at once; that of the hosts which use the store.
    /// Waiting for other processes goes by real time, whatever this clock does. Default: the system's.
    /// </summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
