using Fletcher.Hosting;
using Fletcher.PostgreSqlServer;
using Fletcher.Storage.PostgreSql;

namespace Fletcher.Cli.Tests;

/// <summary>The command on a store in PostgreSQL.</summary>
public sealed class PostgreSqlTests
{
    [Fact]
    public async Task A_store_in_PostgreSQL_is_made_used_and_looked_after()
    {
        Assert.SkipUnless(PostgreSqlInstallation.Folder is not null, PostgreSqlInstallation.Missing);
        await using var server = await PrivateServer.StartAsync();
        Task<Said> Run(params string[] arguments) => Tool.RunAsync(server.ConnectionString, null, [.. arguments, "--schema", "cli"]);

        (await Run("runs")).Refuses(3, "FLT1117", "schema 'cli'");
        (await Run("store", "migrate")).Refuses(3, "--create");
        Assert.True((await Run("store", "migrate", "--create", "--json")).Json("migrate").GetProperty("changed").GetBoolean());
        Assert.False((await Run("store", "migrate", "--json")).Json("migrate").GetProperty("changed").GetBoolean());
        await using (var store = new PostgreSqlStore(new PostgreSqlStoreOptions { ConnectionString = server.ConnectionString, Schema = "cli" }))
        {
            await store.OpenAsync(TestContext.Current.CancellationToken);
            await new FletcherClient(store).StartAsync("Other.Flow", new { n = 1 }, new StartOptions { AllowUnknownFlow = true }, TestContext.Current.CancellationToken);
        }

        var runs = (await Run("runs", "--json")).Json("runs").GetProperty("runs");
        (await Run("why", runs[0].GetProperty("id").GetString()!)).Has("no living host takes runs of 'Other.Flow'");
        Assert.Equal(1, (await Run("store", "stats", "--json")).Json("stats").GetProperty("flowRuns").GetProperty("Queued").GetInt32());
        Assert.True((await Run("store", "check", "--json")).Json("check").GetProperty("isWhole").GetBoolean());
        (await Run("store", "backup", "copy.db")).Refuses(1, "FLT1119", "pg_dump", "--schema=cli");
        Assert.Equal("PostgreSQL", (await Run("store", "where", "--json")).Json("where").GetProperty("kind").GetString());
    }
}
