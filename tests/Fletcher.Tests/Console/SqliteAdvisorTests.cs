using System.Text;
using System.Text.Json;
using Fletcher.Core.Tests.Diagnosis;
using Fletcher.Diagnosis;
using Fletcher.Model;
using Fletcher.Terminal;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Fletcher.Tests.Terminal;

public sealed class SqliteAdvisorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fletcher-advisor").FullName;
    private readonly FakeRunStore _store = new();

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    public static TheoryData<string, string> Shapes => new()
    {
        { "path", """{"database":FILE}""" },
        { "connection string", """{"options":{"connection":"Data Source=RAW;Cache=Shared"}}""" },
        { "list", """{"files":["nowhere.db","",FILE]}""" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_renamed_table_is_found_through_the_inputs(string shape, string inputs)
    {
        Assert.NotEmpty(shape);
        var file = Database("CREATE TABLE product_usage_facts(a); CREATE TABLE airports(code)");

        var advice = await Advise("no such table: usage_facts",
            inputs.Replace("FILE", JsonSerializer.Serialize(file), StringComparison.Ordinal).Replace("RAW", file, StringComparison.Ordinal));

        Assert.StartsWith(
            $"The database {file} has no table 'usage_facts'; a table 'product_usage_facts' exists: was it renamed?", advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_renamed_column_is_found()
    {
        var file = Database("CREATE TABLE airports(code, city_name)");

        Assert.Contains("the table 'airports' has a column 'city_name'", await Advise("no such column: a.city", Inputs(file)), StringComparison.Ordinal);
        Assert.Contains("'city_name'", await Advise("table airports has no column named cityname", Inputs(file)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_similar_table_those_that_exist_are_named()
    {
        Assert.Contains("it has 'airports', 'routes'", await Advise("no such table: usage_facts", Inputs(Database("CREATE TABLE routes(a); CREATE TABLE airports(a)"))), StringComparison.Ordinal);
        Assert.Contains("and no other", await Advise("no such table: usage_facts", Inputs(Database("PRAGMA user_version = 1"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_the_process_has_open_is_found_on_Linux()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Open files are found through /proc.");
        var file = Database("CREATE TABLE product_open_facts(a)");
        using var connection = new SqliteConnection($"Data Source={file}");
        connection.Open();

        Assert.Contains(file, await Advise("no such table: open_facts", "{}"), StringComparison.Ordinal);

        _store.Description = "SQLite " + file;
        Assert.Null(await Advise("no such table: open_facts", "{}"));
    }

    // SQLite would tell other connections of this process that they hold locks which the system has dropped.
    [Fact]
    public async Task A_transaction_that_runs_keeps_its_lock()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The locks are seen in /proc.");
        var file = Database("CREATE TABLE facts(a)");
        using var writer = new SqliteConnection($"Data Source={file}");
        writer.Open();
        using var transaction = writer.BeginTransaction();

        await Advise("no such table: fact", Inputs(file));

        var locks = await File.ReadAllTextAsync("/proc/locks", TestContext.Current.CancellationToken);
        Assert.Contains($" {Environment.ProcessId} ", locks, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_failures_and_files_that_are_no_database_are_left_alone()
    {
        var text = Path.Combine(_folder, "notes.txt");
        await File.WriteAllTextAsync(text, new string('x', 5_000), TestContext.Current.CancellationToken);

        Assert.Null(await Advise("no such table: qqqq_wwww", Inputs(text)));
        Assert.Null(await Advise("syntax error", Inputs(Database("CREATE TABLE t(a)"))));
    }

    private static string Inputs(string file) => JsonSerializer.Serialize(new { database = file });

    private string Database(string sql)
    {
        var file = Path.Combine(_folder, $"{Guid.CreateVersion7()}.db");
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
        return file;
    }

    private async Task<string?> Advise(string message, string inputs)
    {
        var id = RunId.New(TimeProvider.System);
        var run = new FlowRunRecord { Id = id, Flow = "F", RootRunId = id, Parameters = "{}"u8.ToArray(), ParametersHash = default };
        var step = new StepRunRecord { RunId = id, Sequence = 1, Key = default, Step = new StepCode("S", null, null, 0), Inputs = Encoding.UTF8.GetBytes(inputs) };
        var error = new ErrorRecord { Type = "Microsoft.Data.Sqlite.SqliteException", Message = $"SQLite Error 1: '{message}'." };
        return await new SqliteAdvisor(_store).AdviseAsync(new FailureContext(run, step, error), CancellationToken.None);
    }
}
