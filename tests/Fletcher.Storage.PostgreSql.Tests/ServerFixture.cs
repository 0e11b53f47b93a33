using System.Collections.Concurrent;
using System.Globalization;
using Fletcher.PostgreSqlServer;
using Fletcher.Storage.PostgreSql.Tests;
using Npgsql;

[assembly: AssemblyFixture(typeof(ServerFixture))]

namespace Fletcher.Storage.PostgreSql.Tests;

/// <summary>The server that all tests share: that of FLETCHER_TEST_POSTGRES, or one that is started for them. Each test has a schema of its own.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private static readonly string? Given = Environment.GetEnvironmentVariable("FLETCHER_TEST_POSTGRES");

    private readonly ConcurrentBag<string> _used = [];
    private PrivateServer? _server;
    private int _schemas;

    public string ConnectionString => Given ?? _server?.ConnectionString ?? throw new InvalidOperationException("There is no server.");

    /// <summary>The name of a schema that nobody has.</summary>
    public string NewSchema() => string.Create(
        CultureInfo.InvariantCulture, $"t{Environment.ProcessId}_{Interlocked.Increment(ref _schemas)}_{Environment.TickCount64 % 1_000_000}");

    /// <summary>The name of a schema of which a store is empty; it may have been another test's.</summary>
    public string EmptySchema() => _used.TryTake(out var schema) ? schema : NewSchema();

    /// <summary>Empties a schema, for another test: making one takes longer than most tests do.</summary>
    public async Task GiveBackAsync(string schema)
    {
        await QueryAsync(
            $"""
            DO $$
            DECLARE
                one regclass;
            BEGIN
                FOR one IN SELECT c.oid FROM pg_class c
                    WHERE c.relnamespace = '{schema}'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'schema_versions'
                LOOP
                    EXECUTE format('DELETE FROM %s', one);
                END LOOP;
                INSERT INTO {schema}.message_numbers VALUES (0);
            END
            $$
            """);
        _used.Add(schema);
    }

    /// <summary>Skips the test where there is no server.</summary>
    public void Require() => Assert.SkipUnless(Given is not null || _server is not null, PostgreSqlInstallation.Missing);

    public async ValueTask InitializeAsync()
    {
        if (Given is null && PostgreSqlInstallation.Folder is not null)
            _server = await PrivateServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>What a query of somebody else, not through the store, answers; its first value.</summary>
    public async Task<object?> QueryAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>A root waits in the queue if and only if its record says so, and in the same words.</summary>
    public async Task CheckQueueAsync(string schema) => Assert.Equal(
        "",
        await QueryAsync(
            $"""
            SELECT coalesce(string_agg(coalesce(r.id, q.run_id)::text, ', '), '')
            FROM (SELECT * FROM {schema}.flow_runs
                WHERE root_run_id = id AND host_id IS NULL AND ((wake_at IS NOT NULL AND state <> 10) OR state = 1)) r
            FULL JOIN {schema}.queue q ON q.run_id = r.id
            WHERE q.run_id IS NULL OR r.id IS NULL OR (q.wake_at, q.state, q.flow_id, q.lane_id, q.priority, q.fairness_key)
                IS DISTINCT FROM (r.wake_at, r.state, r.flow_id, r.lane_id, r.priority, {schema}.queue_key(r.fairness_key))
            """));

    public Task DropAsync(string schema) => QueryAsync($"DROP SCHEMA IF EXISTS {schema} CASCADE");
}
