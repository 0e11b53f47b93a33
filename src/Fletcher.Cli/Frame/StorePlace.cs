using System.CommandLine;
using Fletcher.Storage;
using Fletcher.Storage.PostgreSql;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Cli;

/// <summary>Where the store is: what <c>--store</c> says, else what <c>FLETCHER_STORE</c> says, else where plain programs have it.</summary>
/// <param name="Text">The path of a SQLite file, or a PostgreSQL connection string.</param>
/// <param name="Schema">The schema in PostgreSQL.</param>
/// <param name="Source">Who says so: <c>option</c>, <c>environment</c> or <c>default</c>.</param>
internal sealed record StorePlace(string Text, string? Schema, string Source)
{
    internal bool IsPostgreSql { get; } = SqliteStorePath.IsConnectionString(Text);

    internal static StorePlace Of(ParseResult arguments)
    {
        var schema = arguments.GetValue(GlobalOptions.Schema);
        var given = arguments.GetValue(GlobalOptions.Store);
        var named = Environment.GetEnvironmentVariable(SqliteStorePath.EnvironmentVariable);
        var place = given is not null ? new StorePlace(Checked(given, "--store"), schema, "option")
            : !string.IsNullOrWhiteSpace(named) ? new StorePlace(Checked(named, SqliteStorePath.EnvironmentVariable), schema, "environment")
            : new StorePlace(SqliteStorePath.Default(), schema, "default");
        if (schema is not null && !place.IsPostgreSql)
            throw new CommandException($"--schema is for PostgreSQL; the store is the file '{place.Text}'. Leave it out, or name a connection string with --store.", ExitCode.Usage);
        return place;
    }

    /// <summary>The store, not open.</summary>
    /// <param name="mustExist">Whether opening it makes none and changes none.</param>
    internal IRunStore Create(bool mustExist) => IsPostgreSql ? CreatePostgreSql(mustExist) : new SqliteStore(new SqliteStoreOptions { Path = Text, MustExist = mustExist });

    // By itself, so that Npgsql is loaded by those who need it.
    private PostgreSqlStore CreatePostgreSql(bool mustExist)
    {
        try
        {
            var options = new PostgreSqlStoreOptions { ConnectionString = Text, MustExist = mustExist, ServerWait = TimeSpan.FromSeconds(10) };
            return new PostgreSqlStore(Schema is null ? options : options with { Schema = Schema });
        }
        catch (ArgumentException e)
        {
            throw new CommandException(e.Message.Split(" (Parameter", 2)[0], ExitCode.Usage);
        }
    }

    private static string Checked(string text, string by)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new CommandException($"{by} is empty. Give the path of a SQLite file, or a PostgreSQL connection string ('Host=…;Database=…').", ExitCode.Usage);
        if (text.Equals("memory", StringComparison.OrdinalIgnoreCase))
            throw new CommandException($"{by} is 'memory': such runs are in the memory of their program, and nobody else can see them. Name a file or a database.", ExitCode.Usage);
        return text;
    }
}
