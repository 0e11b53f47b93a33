using Fletcher.Conformance;
using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql.Tests;

public sealed class OpeningTests(ServerFixture server) : PostgreSqlTest(server)
{
    [Fact]
    public async Task Many_hosts_open_a_new_store_at_once()
    {
        var stores = Enumerable.Range(0, 8).Select(_ => Make()).ToArray();
        await Task.WhenAll(stores.Select(store => Task.Run(() => store.OpenAsync(Cancellation).AsTask(), Cancellation)));

        foreach (var store in stores)
        {
            await WriteAsync(store, A.FlowRun());
            await store.DisposeAsync();
        }

        Assert.Equal(8L, await Server.QueryAsync($"SELECT count(*) FROM {Schema}.flow_runs"));
        Assert.Equal((long)Migrator.Latest, await Server.QueryAsync($"SELECT count(*) FROM {Schema}.schema_versions"));
    }

    [Fact]
    public async Task A_schema_of_another_program_is_left_as_it_is()
    {
        await Server.QueryAsync($"CREATE SCHEMA {Schema}; CREATE TABLE {Schema}.customers (id integer)");
        await using var store = Make();

        await AssertUnavailableAsync("FLT1104", () => store.OpenAsync(Cancellation).AsTask(), Schema, "another program", "option Schema");

        Assert.Equal(1L, await Server.QueryAsync($"SELECT count(*) FROM pg_class WHERE relnamespace = '{Schema}'::regnamespace"));
    }

    [Fact]
    public async Task An_empty_schema_is_used()
    {
        await Server.QueryAsync($"CREATE SCHEMA {Schema}");
        await using var store = await OpenAsync();
        await WriteAsync(store, A.FlowRun());
    }

    [Fact]
    public async Task A_store_of_a_newer_Fletcher_is_refused()
    {
        await (await OpenAsync()).DisposeAsync();
        await Server.QueryAsync($"INSERT INTO {Schema}.schema_versions VALUES (99, '7.0', now())");
        await using var store = Make();

        await AssertUnavailableAsync("FLT1106", () => store.OpenAsync(Cancellation).AsTask(), "99", "7.0", $"{Migrator.Latest}", "Update Fletcher");
    }

    [Fact]
    public async Task A_wrong_password_is_told_at_once()
    {
        await using var store = Make(address => address.Password = "wrong-password", TimeSpan.FromMinutes(5));
        Assert.SkipWhen(Environment.GetEnvironmentVariable("FLETCHER_TEST_POSTGRES") is not null, "The server that was named may trust everybody.");

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.OpenAsync(Cancellation).AsTask());

        Assert.Equal("FLT1121", error.Id);
        Assert.Contains("Check user, password and database", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-password", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_told_at_once()
    {
        await using var store = Make(address => address.Database = "nowhere_at_all", TimeSpan.FromMinutes(5));

        await AssertUnavailableAsync("FLT1121", () => store.OpenAsync(Cancellation).AsTask(), "nowhere_at_all", "create database");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told()
    {
        await using var store = Make(address => (address.Host, address.Port) = ("127.0.0.1", 1));

        await AssertUnavailableAsync("FLT1120", () => store.OpenAsync(Cancellation).AsTask(), "127.0.0.1:1", "cannot be reached");
    }

    [Fact]
    public async Task Who_may_not_make_the_schema_is_told_so()
    {
        await WithRoleAsync(async name =>
        {
            await using var store = Make(address => (address.Username, address.Password) = (name, "x"));

            await AssertUnavailableAsync("FLT1122", () => store.OpenAsync(Cancellation).AsTask(), "permission denied", "CREATE");
        });
    }

    [Fact]
    public async Task Who_may_only_read_and_write_can_be_a_host()
    {
        await (await OpenAsync()).DisposeAsync();
        await WithRoleAsync(async name =>
        {
            // As docs/postgresql.md says.
            await Server.QueryAsync(
                $"""
                GRANT USAGE ON SCHEMA {Schema} TO {name};
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {Schema} TO {name};
                GRANT USAGE ON ALL SEQUENCES IN SCHEMA {Schema} TO {name};
                """);
            await using var store = await OpenAsync(address => (address.Username, address.Password) = (name, "x"));
            var run = A.Parked(DateTimeOffset.UnixEpoch);
            var batch = WriteBatch.Of(A.Ledger(run.Id, "why"));
            batch.FlowRuns.Add(run);
            batch.StepRuns.Add(A.StepRun(run.Id, 1));
            batch.Logs.Add(A.Log(run.Id, 1, "a line"));
            await store.WriteAsync(batch, Cancellation);

            Assert.NotNull(await store.SendAsync(A.Message(run.Id), Cancellation));
            Assert.Single(await store.ClaimDueAsync(Guid.CreateVersion7(), ["F"], DateTimeOffset.UnixEpoch, 9, Cancellation));
        });
    }

    [Theory]
    [InlineData("", "connectionString")]
    [InlineData("Database=d;Password=hush", "names no server")]
    [InlineData("Host=h;Prot=5432;Password=hush", "cannot be read")]
    [InlineData("Host=h;Port=hush;Password=hush", "cannot be read")]
    [InlineData("postgres://ada:hush@db/fletcher", "cannot be read")]
    public void A_connection_string_that_cannot_be_read_is_not_repeated(string connectionString, string fragment)
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => new PostgreSqlStore(connectionString));

        Assert.Contains(fragment, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("a\"; DROP TABLE x; --")]
    [InlineData("größe")]
    [InlineData("a_name_that_is_longer_than_the_server_allows_names_to_be")]
    public void A_schema_that_cannot_be_is_refused(string schema) => Assert.Contains(
        "schema",
        Assert.Throws<ArgumentException>(() => new PostgreSqlStore(new PostgreSqlStoreOptions { ConnectionString = "Host=h", Schema = schema })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void What_is_shown_has_no_password()
    {
        var options = new PostgreSqlStoreOptions { ConnectionString = "Host=db;Username=ada;Password=hush;Database=d", Schema = "runs" };

        Assert.Equal("PostgreSQL db:5432/d, schema runs", new PostgreSqlStore(options).Description);
        Assert.DoesNotContain("hush", options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_not_open_or_closed_says_so()
    {
        var store = Make();
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.GetLastMessageAsync(Cancellation).AsTask());
        await store.OpenAsync(Cancellation);
        await store.OpenAsync(Cancellation);
        await store.DisposeAsync();
        await store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.GetLastMessageAsync(Cancellation).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.OpenAsync(Cancellation).AsTask());
    }

    private async Task WithRoleAsync(Func<string, Task> body)
    {
        var name = $"role_{Schema}";
        await Server.QueryAsync($"CREATE ROLE {name} LOGIN PASSWORD 'x'");
        try
        {
            await body(name);
        }
        finally
        {
            NpgsqlConnection.ClearAllPools();
            await Server.QueryAsync($"DROP OWNED BY {name}; DROP ROLE {name}");
        }
    }
}
