using System.Globalization;
using System.Reflection;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Brings a database to the schema of this version. The scripts are embedded, numbered from 1 and never changed once
/// released. Each runs in a transaction of its own that keeps other writers out and looks at the version again inside, so
/// two processes may open a new store at once. The version is SQLite's <c>user_version</c>; <c>application_id</c> tells a
/// store from other people's databases.
/// </summary>
internal static class Migrator
{
    /// <summary>"FLTC": stands in the file's header, where the program <c>file</c> finds it too.</summary>
    public const int ApplicationId = 0x464C5443;

    private static readonly string[] Scripts = ReadScripts();

    /// <summary>The schema version that this build writes.</summary>
    public static int Latest => Scripts.Length;

    /// <summary>Says whether the file may be used, without changing it.</summary>
    public static void Inspect(Connection connection)
    {
        var application = connection.QueryInteger("PRAGMA application_id");
        var version = connection.QueryInteger("PRAGMA user_version");
        if (application != ApplicationId)
        {
            var isEmpty = application == 0 && version == 0
                && connection.QueryInteger("SELECT count(*) FROM sqlite_schema") == 0;
            if (!isEmpty)
                throw StoreErrors.Foreign(connection.Path, application);
        }

        if (version > Latest)
            throw StoreErrors.Newer(connection.Path, version, WrittenBy(connection), Latest, OwnVersion);
    }

    /// <summary>Says whether there is a store with just this schema, for who must not make or change one.</summary>
    public static void InspectExisting(Connection connection)
    {
        var version = connection.QueryInteger("PRAGMA user_version");
        if (version == 0)
            throw StoreErrors.Missing(connection.Path);
        if (version < Latest)
            throw StoreErrors.Older(connection.Path, version, WrittenBy(connection), Latest, OwnVersion);
    }

    /// <summary>Runs the next script that is missing.</summary>
    /// <returns>False when another process is writing, so that it must be tried again.</returns>
    public static bool TryStep(Connection connection, TimeProvider time, out bool isComplete)
    {
        isComplete = false;
        if (!connection.TryBegin())
            return false;

        try
        {
            Inspect(connection);
            var version = (int)connection.QueryInteger("PRAGMA user_version");
            if (version < Latest)
            {
                Apply(connection, version + 1, time);
                version++;
            }

            connection.Commit();
            isComplete = version == Latest;
            return true;
        }
        catch
        {
            connection.Rollback();
            throw;
        }
    }

    private static string OwnVersion { get; } =
        typeof(Migrator).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "unknown";

    private static void Apply(Connection connection, int version, TimeProvider time)
    {
        connection.Execute(Scripts[version - 1]);
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}"));
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version}"));
        connection.Prepare("INSERT INTO schema_versions (version, applied_by, applied_at) VALUES (?1, ?2, ?3)")
            .Bind(1, version)
            .Bind(2, OwnVersion)
            .Bind(3, time.GetUtcNow())
            .Execute();
    }

    // A later version may have moved this table; then the message does without the name.
    private static string? WrittenBy(Connection connection)
    {
        try
        {
            return connection.QueryText("SELECT applied_by FROM schema_versions ORDER BY version DESC LIMIT 1");
        }
        catch (SqliteFailureException e) when (!e.IsBusy)
        {
            return null;
        }
    }

    private static string[] ReadScripts()
    {
        var assembly = typeof(Migrator).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(static name => name.EndsWith(".sql", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name =>
                {
                    using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                    return reader.ReadToEnd();
                }),
        ];
    }
}
