using SQLitePCL;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Puts what went wrong into words: what happened, to which file, what to do. docs/diagnostics.md has a section for each id.
/// </summary>
internal static class StoreErrors
{
    public const string CannotOpen = "FLT1101";
    public const string ReadOnly = "FLT1102";
    public const string NotADatabase = "FLT1103";
    public const string ForeignDatabase = "FLT1104";
    // FLT1105 is RunLostException.
    public const string NewerVersion = "FLT1106";
    public const string DiskFull = "FLT1107";
    public const string InputOutput = "FLT1108";
    public const string FileGone = "FLT1109";
    public const string Busy = "FLT1110";
    public const string Damaged = "FLT1111";
    public const string ValueMissing = "FLT1112";
    public const string ValueDamaged = "FLT1113";
    public const string TooLarge = "FLT1114";
    public const string Unexpected = "FLT1115";
    public const string NoWal = "FLT1116";
    public const string NoStore = "FLT1117";
    public const string OlderVersion = "FLT1118";
    public const string BackupExists = "FLT1119";

    private const int NoSpaceOnUnix = 28;
    private const int NoSpaceOnWindows = unchecked((int)0x80070070);
    private const long AlmostFull = 64 * 1024;

    public static StoreUnavailableException From(SqliteFailureException failure, string path) => failure.PrimaryCode switch
    {
        raw.SQLITE_CANTOPEN => Opening(path, failure),
        raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH => new(
            ReadOnly,
            $"The store '{path}' cannot be written: the file, its folder or the disk is read-only. Nothing was changed. "
            + $"Give this user write permission to both, or name another file with {SqliteStorePath.EnvironmentVariable}.",
            failure),
        raw.SQLITE_NOTADB => new(
            NotADatabase,
            $"'{path}' is not a SQLite database, so it cannot be the store; it was left as it is. "
            + $"Name another file with {SqliteStorePath.EnvironmentVariable} or the option Path, or move this one away.",
            failure),
        raw.SQLITE_FULL => Full(path, failure),
        // With a full disk the index of the write-ahead log cannot grow, and SQLite calls that an input/output error.
        raw.SQLITE_IOERR when IsAlmostFull(path) => Full(path, failure),
        raw.SQLITE_IOERR => InputOutputError(path, failure),
        raw.SQLITE_CORRUPT => new(
            Damaged,
            $"The store '{path}' is damaged ({failure.Message}). Nothing was changed. Make a copy of it and of the files "
            + $"beside it, save what can be saved with 'sqlite3 \"{path}\" .recover', and check the disk.",
            failure),
        raw.SQLITE_TOOBIG => new(
            TooLarge,
            $"A record for the store '{path}' is larger than SQLite can hold (1 GB); its batch was not written. "
            + "Keep the data in a file or table of your own and pass its name.",
            failure),
        _ => new(
            Unexpected,
            $"SQLite refused work on the store '{path}': {failure.Message}, code {failure.Code}. Nothing was changed. "
            + "This is most likely a defect of Fletcher: please report it with this message.",
            failure),
    };

    public static StoreUnavailableException From(Exception failure, string path) => failure switch
    {
        IOException { HResult: NoSpaceOnUnix or NoSpaceOnWindows } => Full(path, failure),
        UnauthorizedAccessException => new(
            ReadOnly,
            $"'{path}' cannot be written: {failure.Message} Give this user write permission to it and to its folder.",
            failure),
        _ => InputOutputError(path, failure),
    };

    public static StoreUnavailableException Opening(string path, Exception failure) => new(
        CannotOpen,
        $"The store '{path}' cannot be opened: {failure.Message.TrimEnd('.')}. Check that its folder exists or can be created, and that "
        + $"this user may write there; or name another file with {SqliteStorePath.EnvironmentVariable} or the option Path.",
        failure);

    public static StoreUnavailableException Foreign(string path, long applicationId) => new(
        ForeignDatabase,
        $"'{path}' is a SQLite database of another program (application id {applicationId}), so it cannot be the store; "
        + $"it was left as it is. Name another file with {SqliteStorePath.EnvironmentVariable} or the option Path.");

    public static StoreUnavailableException Newer(string path, long found, string? by, long known, string self) => new(
        NewerVersion,
        $"The store '{path}' has schema version {found}, written by Fletcher {by ?? "of a later version"}; this is Fletcher "
        + $"{self}, which knows versions up to {known}. It was left as it is. Update Fletcher in this program, or name "
        + $"another file with {SqliteStorePath.EnvironmentVariable} or the option Path.");

    public static StoreUnavailableException Missing(string path) => new(
        NoStore,
        $"There is no store at '{path}'. A program makes it when it runs its first flow. If the store is elsewhere, name its file with {SqliteStorePath.EnvironmentVariable}.");

    public static StoreUnavailableException Older(string path, long found, string? by, long known, string self) => new(
        OlderVersion,
        $"The store '{path}' has schema version {found}, written by Fletcher {by ?? "of an earlier version"}; this is Fletcher {self}, which works with version {known}. "
        + "It was left as it is. A program with this version brings it up to date when it runs a flow, and so does 'fletcher store migrate'; programs with the earlier one cannot use it then.");

    public static FletcherUsageException CopyExists(string path) => new(
        BackupExists, $"'{path}' exists already; nothing was copied. Name a file that does not exist.");

    public static StoreUnavailableException Gone(string path) => new(
        FileGone,
        $"The store '{path}' was deleted, moved or replaced while it was open. The last records were not written. Put the "
        + "file back, with the files '-wal' and '-shm' beside it, or let it be gone; then start the program again.");

    public static StoreUnavailableException StillBusy(string path, TimeSpan limit) => new(
        Busy,
        $"Another process has kept the store '{path}' locked for {limit.TotalSeconds:0.#} s. Nothing was changed. Fletcher "
        + "itself locks it for milliseconds only: look for a database browser, a backup or a stopped process that has it "
        + $"open ('fuser -v \"{path}\"' names them on Linux), end that, and start again.");

    public static StoreUnavailableException WithoutWal(string path, string? mode) => new(
        NoWal,
        $"The store '{path}' cannot use a write-ahead log (SQLite stayed in mode '{mode}'). The file system there cannot "
        + "share memory between processes, as network file systems cannot. Put the store on a local disk.");

    public static StoreUnavailableException MissingValue(string file, Exception? inner) => new(
        ValueMissing,
        $"The stored result in '{file}' cannot be read: {inner?.Message ?? "the file is not there"}. Put the file back, or "
        + "let its step run again under a new run.",
        inner);

    public static StoreUnavailableException DamagedValue(string file, string how) => new(
        ValueDamaged,
        $"The stored result in '{file}' is damaged: {how}. Restore the file from a backup, or delete it and let its step run "
        + "again under a new run.");

    private static StoreUnavailableException Full(string path, Exception failure) => new(
        DiskFull,
        $"The disk of the store '{path}' is full. What was written before is safe, the last records were not written. "
        + "Make room and start the program again: it goes on after the last committed step.",
        failure);

    private static StoreUnavailableException InputOutputError(string path, Exception failure) => new(
        InputOutput,
        $"The disk refused work on '{path}': {failure.Message.TrimEnd('.')}. What was written before is safe, the last records were not "
        + "written. Check the disk and the system log, then start the program again.",
        failure);

    private static bool IsAlmostFull(string path)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(path) ?? path).AvailableFreeSpace < AlmostFull;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
