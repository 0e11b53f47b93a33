using System.Text;
using CliWrap;
using Fletcher.Hosting;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Cli.Tests;

/// <summary>Variables and secrets.</summary>
public sealed class VariableCommandTests
{
    private const string Text = "hunter2/ü+\"and more\"";

    private static Dictionary<string, string?> Environment(World world) => new() { ["FLETCHER_KEYS"] = System.IO.Path.Combine(world.Folder, "keys") };

    private static async Task<Said> SetAsync(World world, byte[] input, params string[] arguments) =>
        await Tool.RunAsync(world.Path, Environment(world), PipeSource.FromBytes(input), arguments);

    [Fact]
    public async Task Variables_are_set_shown_and_deleted()
    {
        await using var world = new World();
        await world.StoreAsync();

        (await world.RunAsync("variables")).Has("There is no variable. Set one: fletcher variables set NAME VALUE");
        (await world.RunAsync("variables", "set", "limit", "500", "--note", "agreed")).Has("Variable 'limit' is 500.");
        (await world.RunAsync("variables", "set", "who", "ada & bob")).Has("Variable 'who' is \"ada ");
        (await world.RunAsync("variables", "set", "version", "1.10", "--text")).Has("is \"1.10\"");
        (await world.RunAsync("variables", "set", "limit", "[600, 1]", "--json")).Json("variable");

        (await world.RunAsync("variables", "get", "version")).Has("\"1.10\"\n");
        var limit = (await world.RunAsync("variables", "get", "limit", "--json")).Json("variable");
        Assert.Equal((2, 600, "agreed"), (limit.GetProperty("setVersion").GetInt32(), limit.GetProperty("value")[0].GetInt32(), limit.GetProperty("note").GetString()));
        (await world.RunAsync("variables")).Has("limit", "[600,1]", "agreed", "who", "version");
        var all = (await world.RunAsync("variables", "list", "--json")).Json("variables").GetProperty("variables");
        Assert.Equal(["limit", "version", "who"], all.EnumerateArray().Select(static one => one.GetProperty("name").GetString()));

        (await world.RunAsync("variables", "set", "limit", "7", "--if-version", "1")).Refuses(1, "has version 2 now");
        (await world.RunAsync("variables", "set", "limit", "7", "--if-version", "2")).Has("is 7");
        (await world.RunAsync("variables", "get", "limi")).Refuses(1, "There is no variable 'limi'", "Did you mean 'limit'?");
        (await world.RunAsync("variables", "delete", "limi")).Refuses(1, "Did you mean 'limit'?");
        (await world.RunAsync("variables", "set", " x", "1")).Refuses(1, "FLT1801", "white space");
        (await world.RunAsync("variables", "set", "x")).Refuses(2, "value");
        (await world.RunAsync("variables", "delete", "limit")).Has("Variable 'limit' is deleted.");
        (await world.RunAsync("variables", "delete", "who", "--json")).Json("variableDeletion");
        Assert.Single((await world.RunAsync("variables", "--json")).Json("variables").GetProperty("variables").EnumerateArray());
    }

    [Fact]
    public async Task A_secret_comes_from_standard_input_and_no_command_shows_it()
    {
        await using var world = new World();
        var client = new FletcherClient(await world.StoreAsync(), "ada");

        List<Said> said =
        [
            (await SetAsync(world, Encoding.UTF8.GetBytes(Text + "\r\n"), "secrets", "set", "smtp", "--note", "the server's")).Has("Secret 'smtp' is set."),
            (await world.RunAsync("secrets")).Has("smtp", "the server's"),
            await SetAsync(world, Encoding.UTF8.GetBytes(Text), "secrets", "set", "other", "--json"),
            await world.RunAsync("secrets", "list", "--json"),
        ];

        said[2].Json("secret");
        Assert.Equal(["other", "smtp"], said[3].Json("secrets").GetProperty("secrets").EnumerateArray().Select(static one => one.GetProperty("name").GetString()));
        Assert.All(said, one => Assert.DoesNotContain("hunter2", one.Out + one.Error, StringComparison.Ordinal));
        await using (var host = new FletcherHost(new FletcherOptions { Store = () => new SqliteStore(world.Path), SecretKeys = Environment(world)["FLETCHER_KEYS"] }))
            Assert.Equal((Text, Text), host.Run(() => (Secrets.Get("smtp").Reveal(), Secrets.Get("other").Reveal())));
        Assert.DoesNotContain("hunter2", Encoding.Latin1.GetString(await ReadAsync(world.Path)), StringComparison.Ordinal);
        (await world.RunAsync("secrets", "delete", "smpt")).Refuses(1, "There is no secret 'smpt'", "Did you mean 'smtp'?");
        (await world.RunAsync("secrets", "delete", "smtp")).Has("Secret 'smtp' is deleted.");
        Assert.Equal("other", Assert.Single(await client.GetSecretsAsync(World.Cancellation)).Name);
    }

    [Fact]
    public async Task A_secret_that_cannot_be_kept_is_refused_without_being_shown()
    {
        await using var world = new World();
        await world.StoreAsync();

        var given = await world.RunAsync("secrets", "set", "smtp", "hunter2-on-the-line");
        given.Refuses(2, "A secret is not given on the command line", "fletcher secrets set smtp < FILE");
        Assert.DoesNotContain("hunter2", given.Error, StringComparison.Ordinal);
        (await SetAsync(world, [], "secrets", "set", "smtp")).Refuses(2, "Nothing came for the secret 'smtp'");
        (await SetAsync(world, [0xc3, 0x28, 0xa0, 0xa1, 0x41], "secrets", "set", "smtp")).Refuses(2, "no text in UTF-8");
        (await SetAsync(world, "abc\n"u8.ToArray(), "secrets", "set", "smtp")).Refuses(1, "FLT1813", "has 3 characters");
        (await SetAsync(world, "long enough"u8.ToArray(), "secrets", "set", "smtp", "--if-version", "3")).Refuses(1, "There is no secret 'smtp' any more");
        await File.WriteAllTextAsync(System.IO.Path.Combine(world.Folder, "file"), "", World.Cancellation);
        (await Tool.RunAsync(
            world.Path, new Dictionary<string, string?> { ["FLETCHER_KEYS"] = System.IO.Path.Combine(world.Folder, "file", "keys") }, PipeSource.FromString("long enough"), "secrets", "set", "smtp"))
            .Refuses(1, "FLT1816", "FLETCHER_KEYS");
        (await world.RunAsync("secrets")).Has("There is no secret.");
    }

    [Fact]
    public async Task Names_are_completed_from_the_store()
    {
        await using var world = new World();
        var client = await world.ClientAsync();
        await client.SetVariableAsync("invoice-limit", 1, cancellationToken: World.Cancellation);
        await client.SetVariableAsync("other", 1, cancellationToken: World.Cancellation);
        await SetAsync(world, "long enough"u8.ToArray(), "secrets", "set", "smtp");

        Assert.Equal("invoice-limit\n", (await CompleteAsync("fletcher variables get inv")).Out);
        Assert.Contains("other\n", (await CompleteAsync("fletcher variables delete ")).Out, StringComparison.Ordinal);
        Assert.StartsWith("smtp\n", (await CompleteAsync("fletcher secrets delete s")).Out, StringComparison.Ordinal);
        Assert.Equal("", (await CompleteAsync("fletcher --store /nowhere/at/all variables get inv")).Out);

        Task<Said> CompleteAsync(string line) => world.RunAsync("complete", line.Length.ToString(null, null), line);
    }

    // While the store is open in this process.
    private static async Task<byte[]> ReadAsync(string path)
    {
        using var all = new MemoryStream();
        foreach (var file in (string[])[path, path + "-wal"])
        {
            if (!File.Exists(file))
                continue;
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            await stream.CopyToAsync(all, World.Cancellation);
        }

        return all.ToArray();
    }
}
