using System.Text;
using Fletcher.EndToEnd.Running;

namespace Fletcher.EndToEnd.Leaks;

/// <summary>Nothing of a secret is in the store's files or on the console, wherever the program puts it; and of a text that is no secret it is in both.</summary>
public sealed class LeakTests : IDisposable
{
    private const string Text = "Tr0ub4dor/ü+\"3\"&x=1";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_secret_does_not_leave_the_process_and_another_text_does(bool isSecret)
    {
        (await PlayAsync(false, "leaks-set")).With(0);
        var failed = await PlayAsync(false, "leaks", isSecret ? "secret" : "text");
        Assert.NotEqual(0, failed.ExitCode);
        Assert.Contains("failed 2 with", failed.Error, StringComparison.Ordinal); // the flashlight
        var afterFailure = Forms().Where(FilesHave).ToList();
        var well = (await PlayAsync(true, "leaks", isSecret ? "secret" : "text")).With(0);

        Assert.Contains("kept exactly: True", well.Out, StringComparison.Ordinal);
        foreach (var said in (string[])[failed.Out, failed.Error, well.Out, well.Error])
            Assert.Equal(!isSecret, Forms().Any(form => said.Contains(form, StringComparison.Ordinal)));
        Assert.Contains("body " + (isSecret ? "***" : Text), failed.Out, StringComparison.Ordinal);
        Assert.Contains("outside " + (isSecret ? "***" : Text), well.Out, StringComparison.Ordinal);
        if (isSecret)
        {
            Assert.Empty(afterFailure);
            Assert.DoesNotContain(Forms(), FilesHave);
            Assert.True(FilesHave("leaked")); // its name may be known
        }
        else
        {
            // In JSON, where a quote is escaped, and as it is.
            Assert.Contains(Text, afterFailure);
            Assert.True(afterFailure.Count >= 4, string.Join("\n", afterFailure));
        }
    }

    [Fact]
    public async Task A_secret_that_a_process_of_its_own_reveals_is_masked_in_what_its_parent_hears()
    {
        (await PlayAsync(false, "leaks-set")).With(0);

        var ended = (await PlayAsync(false, "leaks-elsewhere")).With(0);

        Assert.Contains("child ***", ended.Out, StringComparison.Ordinal);
        Assert.Contains("raw ***", ended.Error, StringComparison.Ordinal);
        Assert.Contains("step of the child ***", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Forms(), form => ended.Out.Contains(form, StringComparison.Ordinal) || ended.Error.Contains(form, StringComparison.Ordinal));
        Assert.DoesNotContain(Forms(), FilesHave);
        Assert.DoesNotContain('\u0002', ended.Out + ended.Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exception_that_nobody_catches_is_masked_only_where_it_has_a_secret(bool isSecret)
    {
        (await PlayAsync(false, "leaks-set")).With(0);

        var ended = await PlayAsync(false, "leaks-outside", isSecret ? "secret" : "text");

        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains("Unhandled exception. System.InvalidOperationException: outside of flows: " + (isSecret ? "***" : Text), ended.Error, StringComparison.Ordinal);
        Assert.Equal(!isSecret, ended.Error.Contains(Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_copy_of_the_store_without_the_keys_says_which_key_is_missing_where()
    {
        (await PlayAsync(false, "leaks-set")).With(0);
        var keys = Assert.Single(Directory.GetFiles(_folder["keys"]));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["keys"]));
        var id = Path.GetFileNameWithoutExtension(keys)["key-".Length..];
        File.Move(keys, _folder["elsewhere.xml"]);

        var ended = await PlayAsync(false, "leaks-outside", "secret");

        Assert.NotEqual(0, ended.ExitCode);
        foreach (var fragment in (string[])["FLT1812", "'leaked'", id, _folder["keys"], "FLETCHER_KEYS"])
            Assert.Contains(fragment, ended.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["keys"])); // who only reads makes no key
    }

    private static IEnumerable<string> Forms() =>
    [
        Text,
        Uri.EscapeDataString(Text),
        System.Text.Json.JsonEncodedText.Encode(Text).ToString(),
        System.Text.Json.JsonEncodedText.Encode(Text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"user:{Text}")),
        "Tr0ub4dor",
    ];

    private bool FilesHave(string form)
    {
        var (utf8, utf16) = (Encoding.UTF8.GetBytes(form), Encoding.Unicode.GetBytes(form));
        return Directory.EnumerateFiles(_folder[""], "*", SearchOption.AllDirectories).Select(File.ReadAllBytes).Any(bytes => bytes.AsSpan().IndexOf(utf8) >= 0 || bytes.AsSpan().IndexOf(utf16) >= 0);
    }

    private Task<Ended> PlayAsync(bool isWell, params string[] arguments) => Start.Program(
        Repository.Programs, arguments,
        new Dictionary<string, string?> { ["FLETCHER_STORE"] = _folder["store.db"], ["FLETCHER_KEYS"] = _folder["keys"], ["LEAKED"] = Text, ["WELL"] = isWell ? "yes" : null });
}
