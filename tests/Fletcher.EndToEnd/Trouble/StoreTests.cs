using System.Globalization;
using Fletcher.EndToEnd.Running;
using Microsoft.Data.Sqlite;

namespace Fletcher.EndToEnd.Trouble;

/// <summary>A store that cannot be used is named in one message, is left as it was, and works again when it is put right.</summary>
public sealed class StoreTests
{
    [Fact]
    public async Task A_folder_that_cannot_be_made() =>
        (await Start.Scenario("/proc/fletcher/store.db", "hello", "Ada")).Says("FLT1101", "/proc/fletcher/store.db", "FLETCHER_STORE");

    [Fact]
    public async Task A_path_that_is_a_folder()
    {
        using var folder = new TemporaryFolder();

        (await Start.Scenario(folder.Path, "hello", "Ada")).Says("FLT1101", folder.Path);
    }

    [Fact]
    public async Task A_text_file()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["notes.txt"], "remember the milk", TestContext.Current.CancellationToken);

        (await Start.Scenario(folder["notes.txt"], "hello", "Ada")).Says("FLT1103", folder["notes.txt"], "left as it is");

        Assert.Equal("remember the milk", await File.ReadAllTextAsync(folder["notes.txt"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_database_of_another_program()
    {
        using var folder = new TemporaryFolder();
        Execute(folder["foreign.db"], "CREATE TABLE recipes (name TEXT)");
        var before = await File.ReadAllBytesAsync(folder["foreign.db"], TestContext.Current.CancellationToken);

        (await Start.Scenario(folder["foreign.db"], "hello", "Ada")).Says("FLT1104", folder["foreign.db"], "left as it is");

        Assert.Equal(before, await File.ReadAllBytesAsync(folder["foreign.db"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_store_of_a_later_version()
    {
        using var folder = new TemporaryFolder();
        var store = folder["store.db"];
        (await Start.Scenario(store, "fails-strangely")).With(1);
        var version = Execute(store, "PRAGMA user_version");
        Execute(store, "PRAGMA user_version = 99");

        (await Start.Scenario(store, isWell: true, "fails-strangely")).Says("FLT1106", "schema version 99");
        Execute(store, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version}"));
        var resumed = (await Start.Scenario(store, isWell: true, "fails-strangely")).With(0);

        Assert.Contains("resumes, execution 2", resumed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_is_full()
    {
        using var folder = new TemporaryFolder();

        var (full, after) = await OnTmpfs(folder, "1m", "size=64m", "fills-disk", "50");

        Assert.Contains("FLT1107", full, StringComparison.Ordinal);
        Assert.Contains("rc=1", full, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", full, StringComparison.Ordinal);
        Assert.Single(Lines(full, "FLT1107: "));
        Assert.Contains("resumes, execution 2", after, StringComparison.Ordinal);
        Assert.Contains("rc=0", after, StringComparison.Ordinal);
        Assert.Contains("2000000", after, StringComparison.Ordinal);
        var begun = Lines(full, "chunk ").Count;
        // The last one may have run without room for its result; those before it are remembered.
        Assert.InRange(begun + Lines(after, "chunk ").Count, 50, 51);
    }

    [Fact]
    public async Task A_disk_that_is_read_only()
    {
        using var folder = new TemporaryFolder();

        var (failed, after) = await OnTmpfs(folder, "8m,ro", "rw", "hello", "Ada");

        Assert.Contains("FLT110", failed, StringComparison.Ordinal);
        Assert.Contains("rc=1", failed, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", failed, StringComparison.Ordinal);
        Assert.Contains("Hello Ada!", after, StringComparison.Ordinal);
    }

    /// <summary>Runs a scenario twice on a small disk of its own, which is mounted anew with other options in between.</summary>
    private static async Task<(string First, string Second)> OnTmpfs(
        TemporaryFolder folder, string size, string remount, params string[] scenario)
    {
        // In a name space of its own: nothing is mounted that anybody else sees, and nothing is left when it ends.
        const string Script = """
            mount -t tmpfs -o size="$1" tmpfs "$0" || exit 77
            options="$2"; shift 2
            export FLETCHER_STORE="$0/store.db"
            "$@"; echo "rc=$?"
            echo ---
            mount -o remount,"$options" "$0" || exit 77
            "$@"; echo "rc=$?"
            """;
        var ended = await Start.Program(
            "unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", "exec 2>&1\n" + Script, folder.Path, size, remount, Repository.Programs, .. scenario],
            new Dictionary<string, string?>());
        Assert.SkipWhen(ended.ExitCode is 77 or 1 && !ended.Out.Contains("---", StringComparison.Ordinal), $"A disk cannot be mounted here: {ended.Out}{ended.Error}");
        var parts = ended.Out.Split("---\n");
        Assert.Equal(2, parts.Length);
        return (parts[0], parts[1]);
    }

    private static List<string> Lines(string text, string start) =>
        [.. text.Split('\n').Where(line => line.StartsWith(start, StringComparison.Ordinal))];

    private static long Execute(string file, string sql)
    {
        using var database = new SqliteConnection($"Data Source={file};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is long value ? value : 0;
    }
}
