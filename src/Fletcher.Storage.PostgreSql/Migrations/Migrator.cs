using System.Reflection;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Brings the schema to the version of this Fletcher. The scripts are embedded, numbered from 1 and never changed once released; they only add, so that
/// hosts with the version before go on. Each runs in a transaction of its own that holds an advisory lock and looks at the version again inside, so
/// any number of hosts may open a new store at once.
/// </summary>
internal sealed class Migrator(Server server, TimeProvider time)
{
    private const int OldestServer = 14;

    private static readonly string[] Scripts = ReadScripts();

    private readonly string _versions = $"SELECT version, applied_by FROM {server.Schema}.schema_versions ORDER BY version DESC LIMIT 1";

    /// <summary>The schema version that this build writes.</summary>
    public static int Latest => Scripts.Length;

    private static string OwnVersion { get; } =
        typeof(Migrator).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "unknown";

    /// <summary>Says whether there is a store with just this schema, for who must not make or change one.</summary>
    public async ValueTask CheckAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        CheckServer(connection);
        var version = await VersionAsync(connection, cancellationToken).ConfigureAwait(false);
        if (version == 0)
            throw StoreErrors.Missing(server);
        if (version < Latest)
            throw StoreErrors.Older(server, version, Latest, OwnVersion);
    }

    /// <summary>Looks what is there, and adds what is missing.</summary>
    public async ValueTask RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        CheckServer(connection);

        // Without a lock first: a host that has nothing to do needs no right to change the schema.
        while (await VersionAsync(connection, cancellationToken).ConfigureAwait(false) < Latest)
            await StepAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    private void CheckServer(NpgsqlConnection connection)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
            throw StoreErrors.TooOld(server, connection.PostgreSqlVersion.ToString());
    }

    /// <summary>Runs the next script that is missing, if one is.</summary>
    private async ValueTask StepAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock(hashtextextended('fletcher schema {server.Schema.Name}', 0))", cancellationToken)
                .ConfigureAwait(false);
            var version = await VersionAsync(connection, cancellationToken).ConfigureAwait(false);
            if (version >= Latest)
                return;

            if (version == 0 && !await IsThereAsync(connection, cancellationToken).ConfigureAwait(false))
                await ExecuteAsync(connection, $"CREATE SCHEMA {server.Schema}", cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(
                connection, Scripts[version].Replace("{schema}", server.Schema.ToString(), StringComparison.Ordinal), cancellationToken).ConfigureAwait(false);

            var batch = new NpgsqlBatch(connection);
            await using (batch.ConfigureAwait(false))
            {
                batch.Add($"INSERT INTO {server.Schema}.schema_versions (version, applied_by, applied_at) VALUES ($1, $2, $3)")
                    .With(version + 1).With(OwnVersion).With(time.GetUtcNow().ToDatabase());
                await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The version of the schema; 0 when there is none, or an empty one.</summary>
    /// <exception cref="StoreUnavailableException">It is of a newer Fletcher, or of another program.</exception>
    private async ValueTask<int> VersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (hasVersions, hasOthers) = (await QueryAsync(
            connection,
            $"""
            SELECT coalesce(bool_or(c.relname = 'schema_versions'), false), count(*) > 0
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '{server.Schema.Name}'
            """,
            static row => (row.GetBoolean(0), row.GetBoolean(1)),
            cancellationToken).ConfigureAwait(false))[0];
        if (!hasVersions)
            return hasOthers ? throw StoreErrors.Foreign(server) : 0;

        var found = await QueryAsync(connection, _versions, static row => (Version: row.GetInt32(0), By: row.GetString(1)), cancellationToken)
            .ConfigureAwait(false);
        if (found is not [var newest])
            throw StoreErrors.Foreign(server);
        return newest.Version <= Latest ? newest.Version : throw StoreErrors.Newer(server, newest.Version, newest.By, Latest, OwnVersion);
    }

    private async ValueTask<bool> IsThereAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await QueryAsync(connection, $"SELECT 1 FROM pg_namespace WHERE nspname = '{server.Schema.Name}'", static _ => true, cancellationToken)
            .ConfigureAwait(false)).Count > 0;

    private static async ValueTask<List<T>> QueryAsync<T>(
        NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(sql);
            return await batch.QueryAsync(read, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async ValueTask ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // The texts are the migrations, and the schema's name, which has letters only.
#pragma warning disable CA2100
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
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
