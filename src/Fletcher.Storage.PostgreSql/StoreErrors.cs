using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Puts what went wrong into words: what happened, on which server, what to do; never how anybody logs in. docs/diagnostics.md has a section for
/// each id.
/// </summary>
internal static class StoreErrors
{
    public const string ForeignSchema = "FLT1104";
    public const string NewerVersion = "FLT1106";
    public const string DiskFull = "FLT1107";
    public const string ValueMissing = "FLT1112";
    public const string ValueDamaged = "FLT1113";
    public const string TooLarge = "FLT1114";
    public const string Unexpected = "FLT1115";
    public const string NoStore = "FLT1117";
    public const string OlderVersion = "FLT1118";
    public const string BackupElsewhere = "FLT1119";
    public const string NoServer = "FLT1120";
    public const string LoginRefused = "FLT1121";
    public const string NotAllowed = "FLT1122";
    public const string ServerTooOld = "FLT1123";
    public const string ReadOnly = "FLT1124";
    public const string NoConnectionFree = "FLT1125";
    public const string TimedOut = "FLT1126";
    public const string SchemaGone = "FLT1127";

    private const string Unsure = "What was being written is there whole or not at all; the store finds out which when it has the server back.";

    public static StoreUnavailableException From(Exception error, Server server, TimeSpan waited) => error switch
    {
        PostgresException e => From(e, server, waited),
        NpgsqlException { InnerException: AuthenticationException } or AuthenticationException => new(
            LoginRefused,
            $"The server {server.Place} and this program do not agree on encryption: {Words(error)} Look at 'SSL Mode' and the certificates in the "
            + "connection string.",
            error),
        NpgsqlException when Troubles.Of(error) == Trouble.Busy => new(
            NoConnectionFree,
            $"Each of this program's connections to {server.Place} was in use{For(waited)}. Nothing was changed. Raise 'Maximum Pool Size' in the "
            + "connection string, or look on the server what keeps them busy ('select * from pg_stat_activity').",
            error),
        NpgsqlException { InnerException: TimeoutException } or TimeoutException => new(
            TimedOut,
            $"The server {server.Place} did not answer in time{For(waited)}. {Unsure} Look on the server what it waits for "
            + "('select * from pg_stat_activity'), and at 'Timeout' and 'Command Timeout' in the connection string.",
            error),
        _ => new(
            NoServer,
            $"The server {server.Place} cannot be reached, or the connection was cut{For(waited)}: {Words(error)} {Unsure} See that the server "
            + "runs, that its name and port in the connection string are right, and that nothing between blocks the way.",
            error),
    };

    public static StoreUnavailableException TooOld(Server server, string version) => new(
        ServerTooOld,
        $"The server {server.Place} is PostgreSQL {version}; Fletcher needs 14 or newer. It was left as it is. Update the server, or name another one.");

    public static StoreUnavailableException Foreign(Server server) => new(
        ForeignSchema,
        $"The schema '{server.Schema.Name}' of {server.Place} has tables of another program, so it cannot be the store; it was left as it is. Choose "
        + "another schema with the option Schema.");

    public static StoreUnavailableException Newer(Server server, int found, string by, int known, string self) => new(
        NewerVersion,
        $"The store in schema '{server.Schema.Name}' of {server.Place} has schema version {found}, written by Fletcher {by}; this is Fletcher {self}, "
        + $"which knows versions up to {known}. It was left as it is. Update Fletcher in this program, or choose another schema with the option Schema.");

    public static StoreUnavailableException Missing(Server server) => new(
        NoStore,
        $"There is no store in schema '{server.Schema.Name}' of {server.Place}. A program makes it when it runs its first flow. If the store is elsewhere, look at the connection string.");

    public static StoreUnavailableException Older(Server server, int found, int known, string self) => new(
        OlderVersion,
        $"The store in schema '{server.Schema.Name}' of {server.Place} has schema version {found}; this is Fletcher {self}, which works with version {known}. It was left as it is. A program with "
        + "this version brings it up to date when it runs a flow, and so does 'fletcher store migrate'; hosts with the version before go on.");

    public static FletcherUsageException BackUpWithPgDump(Server server) => new(
        BackupElsewhere,
        $"The store {server.Place} is backed up with PostgreSQL's own tools, while hosts go on: 'pg_dump --format=custom --schema={server.Schema.Name} --file=fletcher.dump {server.Address.Database ?? server.Address.Username}'.");

    public static FletcherUsageException CompactWithVacuum(Server server) => new(
        BackupElsewhere,
        $"The store {server.Place} is compacted with PostgreSQL's own tools: 'VACUUM (FULL) {server.Schema.Name}.flow_runs' keeps hosts waiting, pg_repack does not. Mostly neither is needed: autovacuum makes the room of what was pruned free for what is written next.");

    public static StoreUnavailableException MissingValue(Server server, string hash) => new(
        ValueMissing,
        $"The stored result {hash} is not in {server.Place}, table {server.Schema.Name}.large_values. Restore the row from a backup, or let its step run "
        + "again under a new run.");

    public static StoreUnavailableException DamagedValue(Server server, string hash, string how) => new(
        ValueDamaged,
        $"The stored result {hash} in {server.Place}, table {server.Schema.Name}.large_values, is damaged: {how}. Restore the row from a backup, or let "
        + "its step run again under a new run.");

    private static StoreUnavailableException From(PostgresException error, Server server, TimeSpan waited) => error.SqlState switch
    {
        ['2', '8', ..] or PostgresErrorCodes.InvalidCatalogName => new(
            LoginRefused,
            $"The server {server.Place} refused the login: {Words(error)} Check user, password and database in the connection string; the database must "
            + "exist ('create database …').",
            error),
        PostgresErrorCodes.InsufficientPrivilege => new(
            NotAllowed,
            $"The user of the connection string may not do this in {server.Place}: {Words(error)} Nothing was changed. To make the store the user needs "
            + $"CREATE on the database, or must own the schema '{server.Schema.Name}' and all in it. See docs/postgresql.md.",
            error),
        PostgresErrorCodes.ReadOnlySqlTransaction => new(
            ReadOnly,
            $"The server {server.Place} only reads{For(waited)}: it is a standby, or read-only. Nothing was changed. Name the primary; with several "
            + "servers add 'Target Session Attributes=primary' to the connection string.",
            error),
        PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.CannotConnectNow => new(
            NoConnectionFree,
            $"The server {server.Place} takes no further connection{For(waited)}: {Words(error)} Nothing was changed. Lower 'Maximum Pool Size' in the "
            + "connection strings, or raise max_connections on the server.",
            error),
        PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable => new(
            TimedOut,
            $"The server {server.Place} broke off what it was asked{For(waited)}: {Words(error)} Nothing was changed. Raise statement_timeout and "
            + "lock_timeout for this user, or look what keeps the server busy ('select * from pg_stat_activity').",
            error),
        PostgresErrorCodes.DiskFull => new(
            DiskFull,
            $"The disk of the server {server.Place} is full. What was written before is safe, the last records were not written. Make room and start the "
            + "program again: it goes on after the last committed step.",
            error),
        PostgresErrorCodes.ProgramLimitExceeded or PostgresErrorCodes.OutOfMemory => new(
            TooLarge,
            $"A record for the store {server.Place} is larger than PostgreSQL can hold (1 GB): {Words(error)} Its batch was not written. Keep the data "
            + "in a file or table of your own and pass its name.",
            error),
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.UndefinedFunction
            or PostgresErrorCodes.InvalidSchemaName => new(
            SchemaGone,
            $"The schema '{server.Schema.Name}' of {server.Place} was dropped or changed while it was open: {Words(error)} Nothing was changed. Restore it "
            + "from a backup, or let it be gone; then start the program again.",
            error),
        ['0', '8', ..] or ['5', '7', ..] => new(
            NoServer,
            $"The server {server.Place} closed the connection{For(waited)}: {Words(error)} {Unsure}",
            error),
        _ => new(
            Unexpected,
            $"The server {server.Place} refused work: {Words(error)} Code {error.SqlState}. Nothing was changed. This is most likely a defect of Fletcher: "
            + "please report it with this message.",
            error),
    };

    private static string For(TimeSpan waited) => waited > TimeSpan.FromSeconds(1) ? $" for {waited.TotalSeconds:0} s" : "";

    private static string Words(Exception error) => error switch
    {
        PostgresException e => Sentence(e.MessageText),
        { InnerException: SocketException e } => Sentence(e.Message),
        _ => Sentence(error.Message),
    };

    private static string Sentence(string text) => text.TrimEnd('.') + ".";
}
