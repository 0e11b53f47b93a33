using System.CommandLine;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Cli.Tests;

/// <summary>What all commands have in common: help, wrong usage, the store.</summary>
public sealed class FrameTests
{
    public static TheoryData<string> Paths => [.. Commands(CommandLine.CreateRoot(), "").Where(static path => path.Length > 0)];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Help_describes_the_command_and_shows_an_example(string path)
    {
        var said = await Tool.RunAsync("/nowhere/none.db", null, [.. path.Split(' '), "--help"]);

        said.Has("Description:", "Usage:", $"fletcher {path}", "Examples:\n  fletcher " + path.Split(' ')[0], "--json", "--store");
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Everything_is_described_in_sentences(string path)
    {
        var command = path.Split(' ').Aggregate(CommandLine.CreateRoot(), static (at, name) => at.Subcommands.Single(one => one.Name == name));

        Assert.EndsWith(".", command.Description, StringComparison.Ordinal);
        Assert.NotEmpty(((ToolCommand)command).Examples);
        Assert.All(command.Options, static option => Assert.EndsWith(".", option.Description, StringComparison.Ordinal));
        Assert.All(command.Arguments, static argument => Assert.EndsWith(".", argument.Description, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("runz", "'fletcher' has no command 'runz'. Did you mean 'runs'?")]
    [InlineData("runs shwo x", "'fletcher runs' has no command 'shwo'. Did you mean 'show'?")]
    [InlineData("runs --limt 3", "'fletcher runs' has no option '--limt'. Did you mean '--limit'?")]
    [InlineData("runs show --jsn x", "Did you mean '--json'?")]
    [InlineData("runs show --jsn", "'fletcher runs show' has no option '--jsn'. Did you mean '--json'?")]
    [InlineData("runs show", "'fletcher runs show' needs <run>")]
    [InlineData("runs show a b", "takes no further argument, and 'b' is one")]
    [InlineData("runs --limit many", "--limit is 'many', which is no whole number")]
    [InlineData("runs --limit 0", "--limit is '0'; allowed are 1 to 1000000")]
    [InlineData("runs --state fayled", "'fayled' is no state of a run. Did you mean 'failed'?")]
    [InlineData("runs rerun x", "--from")]
    [InlineData("store", "'fletcher store' needs a command. There are: where, stats, check, migrate, backup, prune")]
    [InlineData("completion csh", "'csh' is no shell that can be completed here. There are: bash, zsh, fish, pwsh")]
    public async Task Wrong_usage_says_what_is_meant_and_ends_with_2(string arguments, string fragment) =>
        (await Tool.RunAsync(null, null, arguments.Split(' '))).Refuses(2, fragment);

    [Fact]
    public async Task Without_a_command_there_is_help() => (await Tool.RunAsync(null, null)).Has("Commands:", "runs", "Examples:");

    [Theory]
    [InlineData("runs")]
    [InlineData("why 01jb2w8q")]
    [InlineData("runs cancel 01jb2w8q")]
    [InlineData("store stats")]
    [InlineData("store migrate")]
    public async Task A_store_that_is_not_there_is_an_error_and_none_is_made(string arguments)
    {
        using var folder = new TemporaryFolder();
        var store = folder.File("below/none.db");

        (await Tool.RunAsync(store, null, arguments.Split(' '))).Refuses(3, "FLT1117", store);

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task An_empty_file_is_no_store_and_stays_empty()
    {
        using var folder = new TemporaryFolder();
        var store = folder.File("empty.db");
        await File.WriteAllTextAsync(store, "", TestContext.Current.CancellationToken);

        (await Tool.RunAsync(store, null, "runs")).Refuses(3, "FLT1117");

        Assert.Equal(0, new FileInfo(store).Length);
    }

    [Fact]
    public async Task What_is_no_database_is_left_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("letter.txt");
        await File.WriteAllTextAsync(file, new string('x', 5000), TestContext.Current.CancellationToken);

        (await Tool.RunAsync(file, null, "runs")).Refuses(3, "FLT1103", file);
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_refused_in_its_own_words()
    {
        await using var world = new World();
        await world.StoreAsync();
        await world.DisposeStoreAsync();
        using (var connection = Connection.Open(world.Path, create: false))
            connection.Execute("PRAGMA user_version = 999");

        (await world.RunAsync("runs")).Refuses(3, "FLT1106", "999");
    }

    [Fact]
    public async Task A_store_of_an_older_version_is_left_alone_until_somebody_says_migrate()
    {
        using var folder = new TemporaryFolder();
        var store = folder.File("old.db");
        using (var connection = Connection.Open(store, create: true))
        using (var text = new StreamReader(typeof(FrameTests).Assembly.GetManifestResourceStream("store-v4.sql")!))
            connection.Execute(await text.ReadToEndAsync(TestContext.Current.CancellationToken));

        (await Tool.RunAsync(store, null, "runs")).Refuses(3, "FLT1118", "version 4", "fletcher store migrate");
        Assert.Equal(4, Version(store));

        (await Tool.RunAsync(store, null, "store", "migrate", "--json")).Json("migrate");
        Assert.True(Version(store) > 4);
        (await Tool.RunAsync(store, null, "runs")).With(0);
    }

    [Fact]
    public async Task The_option_wins_over_the_environment()
    {
        await using var world = new World();
        await world.StoreAsync();

        (await Tool.RunAsync("/nowhere/none.db", null, "runs", "--store", world.Path)).Has("No run fits", world.Path);
    }

    [Theory]
    [InlineData("memory", "memory")]
    [InlineData("", "empty")]
    [InlineData("Host=db;Pasword=secret", "connection string")]
    public async Task A_store_that_cannot_be_meant_is_wrong_usage(string store, string fragment)
    {
        var said = await Tool.RunAsync(null, null, "runs", "--store", store);

        said.Refuses(2, fragment);
        Assert.DoesNotContain("secret", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_soon()
        => (await Tool.RunAsync(null, null, "runs", "--store", "Host=127.0.0.1;Port=1;Username=x;Timeout=1")).Refuses(3, "127.0.0.1:1");

    private static long Version(string path)
    {
        using var connection = Connection.Open(path, create: false);
        return connection.QueryInteger("PRAGMA user_version");
    }

    private static IEnumerable<string> Commands(Command command, string path) =>
        command.Subcommands.Where(static one => !one.Hidden).SelectMany(one => Commands(one, $"{path} {one.Name}".Trim())).Prepend(path);
}
