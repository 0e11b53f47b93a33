using System.Text;
using Fletcher.Conformance;
using Fletcher.Model;
using Microsoft.Extensions.Logging;

namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>
/// Stores that earlier versions wrote must open in this one. The folder Fixtures has one for each schema version, as SQL text.
/// After adding a migration, run the explicit test here once and commit the file that it writes.
/// </summary>
public sealed partial class MigrationTests : SqliteTest
{
    private static readonly RunId Run = RunId.Parse("01jqzv3m2e7k5a8w9xr4tbn6cd", null);
    private static readonly RunId Child = RunId.Parse("01jqzv3m2f7k5a8w9xr4tbn6ce", null);
    private static readonly DateTimeOffset At = new DateTimeOffset(2026, 10, 1, 8, 30, 0, TimeSpan.Zero).AddTicks(1_234_560);
    private static readonly Guid HostId = Guid.Parse("0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b");

    public static TheoryData<int> Versions => [.. Enumerable.Range(1, Migrator.Latest)];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_store_of_an_earlier_version_opens_with_everything_in_it(int version)
    {
        Query(Database, await FixtureAsync(version));

        await using var store = await OpenAsync();

        Assert.Equal((long)Migrator.Latest, Query(Database, "PRAGMA user_version"));
        var run = await store.GetFlowRunAsync(Run, Cancellation);
        Assert.Equal(("Billing.InvoiceMonth", "October", FlowRunState.Failed, 7L), (run!.Flow, run.Name, run.State, run.Fence));
        Assert.Equal((At, At.AddSeconds(1), At.AddSeconds(2)), (run.CreatedAt, run.StartedAt, run.EndedAt));
        Assert.Equal("""{"month":"2026-10-01"}""", Encoding.UTF8.GetString(run.Parameters));
        Assert.Equal(["billing", "große"], run.Tags);
        Assert.Equal(
            ("System.Net.Http.HttpRequestException", "503", Run, 2),
            (run.Error!.Type, run.Error.Code, run.Error.CauseRunId, run.Error.CauseSequence));
        Assert.Equal("System.IO.IOException", Assert.Single(run.Error.Inner).Type);
        Assert.Equal("2026-10", run.OnceKey);
        Assert.Equal(Run, Assert.Single(await store.FindUnfinishedAsync(run.Flow, run.ParametersHash, default, 9, Cancellation)).Id);

        var steps = await StepRunsAsync(store, Run);
        Assert.Equal([StepRunState.Completed, StepRunState.Failed], steps.Select(s => s.State));
        Assert.Equal(new StepCode("Billing.Aggregate", "abc", "billing.cs", 42), steps[0].Step);
        Assert.Equal("[1,2]", Encoding.UTF8.GetString(steps[0].Result!.Content!));
        Assert.Equal(new StepSite(ulong.MaxValue, 3), steps[1].Site);
        Assert.True(steps[1] is { AtMostOnce: true, Superseded: true });
        Assert.Equal(ContentHash.Of("[1,2]"u8), steps[0].Result!.Hash);

        var child = await store.GetFlowRunAsync(Child, Cancellation);
        Assert.Equal(200_000, child!.Result!.Length);
        Assert.Equal(child.Result.Hash.ToString(), child.Result.Reference);
        Assert.Equal(Run, Assert.Single(await store.GetFlowRunsAsync(new FlowRunQuery { Parent = Run }, Cancellation)).ParentRunId);

        Assert.Equal(1, (await store.FindLastSuccessAsync(run.Flow, "Billing.Aggregate", Child, Cancellation))!.Sequence);
        Assert.Equal("why", Assert.Single(await store.GetLedgerAsync(Run, Cancellation)).Reason);
        Assert.Equal("a line", Assert.Single(await store.GetLogsAsync(Run, 2, 9, Cancellation)).Message);
        Assert.Equal("# Report", Assert.Single(await store.GetArtifactsAsync(Run, Cancellation)).Content);
        Assert.Equal(At, (await store.FindCachedAsync("Billing.Aggregate", ContentHash.Of("k"u8), Cancellation))!.MadeAt);
        Assert.Equal(4711, (await store.GetHostAsync(HostId, Cancellation))!.ProcessId);

        Assert.Equal(HostId, Assert.Single(await store.GetLivingHostsAsync(Cancellation)).Id);
        if (version >= 3)
            await AssertSampleOfVersion3Async(store);
        if (version >= 4)
            await AssertSampleOfVersion4Async(store);
        if (version >= LimitsVersion)
            await AssertSampleOfLimitsAsync(store);
        if (version >= DeploymentsVersion)
            await AssertSampleOfDeploymentsAsync(store);
        if (version >= VariablesVersion)
            await AssertSampleOfVariablesAsync(store);

        // And it can be written: the schema is the latest one.
        await WriteAsync(store, run with { State = FlowRunState.Completed }, steps[1] with { State = StepRunState.Completed });
        Assert.Equal(FlowRunState.Completed, (await store.GetFlowRunAsync(Run, Cancellation))!.State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Runs_of_a_store_without_leases_have_hosts_and_can_be_asked_for_again(int version)
    {
        Query(Database, await FixtureAsync(version));
        Query(Database, $"UPDATE flow_runs SET state = 2, root_run_id = id, host_id = X'{HostId:N}' WHERE parent_run_id IS NOT NULL");

        await using var store = await OpenAsync();

        Assert.Equal([HostId], await store.GetOwnersAsync(Cancellation));
        Assert.Equal(Child, Assert.Single(await store.GetRunsOfHostAsync(HostId, default, 9, Cancellation)).Id);
        Assert.Null(await store.GetNextWakeAsync(["Billing.InvoiceMonth"], Cancellation));
        Assert.Equal(1, (await store.SendAsync(Conformance.A.Message(Run, MessageKind.Retry), Cancellation))!.Number);
        var asked = await store.ClaimDueAsync(
            HostId, ["Billing.InvoiceMonth"], TimeProvider.System.GetUtcNow().AddDays(1), 9, Cancellation);
        Assert.Equal((Run, FlowRunState.Failed), (Assert.Single(asked).Run.Id, asked[0].From));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_migrated_store_has_the_schema_of_a_new_one(int version)
    {
        static string Schema(string path) =>
            (string)Query(path, "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema ORDER BY type, name)")!;
        Query(Database, await FixtureAsync(version));

        await (await OpenAsync()).DisposeAsync();
        await (await OpenAsync(File("new.db"))).DisposeAsync();

        Assert.Equal(Schema(File("new.db")), Schema(Database));
    }

    /// <summary>Makes the fixture of the latest version from the one before it, or from nothing.</summary>
    [Fact(Explicit = true)]
    public async Task Write_the_fixture_of_the_latest_version()
    {
        if (Migrator.Latest > 1)
            Query(Database, await FixtureAsync(Migrator.Latest - 1));
        await using (var store = await OpenAsync())
        {
            if (Migrator.Latest == 1)
                await WriteSampleAsync(store);
            if (Migrator.Latest == 3)
                await WriteSampleOfVersion3Async(store);
            if (Migrator.Latest == 4)
                await WriteSampleOfVersion4Async(store);
            if (Migrator.Latest == LimitsVersion)
                await WriteSampleOfLimitsAsync(store);
            if (Migrator.Latest == DeploymentsVersion)
                await WriteSampleOfDeploymentsAsync(store);
            if (Migrator.Latest == VariablesVersion)
                await WriteSampleOfVariablesAsync(store);
        }

        var folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(folder, "Fletcher.slnx")))
            folder = Path.GetDirectoryName(folder)!;
        var file = Path.Combine(
            folder, "tests", "Fletcher.Storage.Sqlite.Tests", "Fixtures", $"store-v{Migrator.Latest}.sql");
        using var connection = Connect(Database);
        await System.IO.File.WriteAllTextAsync(file, DatabaseText.Of(connection), Cancellation);
    }

    private static async Task<string> FixtureAsync(int version)
    {
        using var stream = typeof(MigrationTests).Assembly.GetManifestResourceStream($"store-v{version}.sql")
            ?? throw new InvalidOperationException($"There is no fixture of version {version}: run the explicit test of this class.");
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Cancellation);
    }
}
