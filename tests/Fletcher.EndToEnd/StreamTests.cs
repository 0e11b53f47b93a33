using Fletcher.EndToEnd.Running;

namespace Fletcher.EndToEnd;

/// <summary>What Fletcher says goes to standard error; standard output is the program's own.</summary>
public sealed class StreamTests
{
    [Theory]
    [InlineData("NO_COLOR", "1")]
    [InlineData("TERM", "dumb")]
    [InlineData("TERM", "xterm-256color")]
    public async Task Redirected_output_is_plain_lines_and_standard_output_the_program_s_own(string variable, string value)
    {
        using var folder = new TemporaryFolder();

        var ended = (await Start.Program(
            Repository.Programs, ["hello", "Ada"],
            new Dictionary<string, string?> { ["FLETCHER_STORE"] = folder["store.db"], [variable] = value })).With(0);

        Assert.Equal(["flow on stdout", "step on stdout", "Hello Ada!"], ended.OutLines);
        Assert.Collection(
            ended.ErrorLines,
            line => Assert.Matches(@"^\S Ordinary\.Hello started  run \w{26}$", line),
            line => Assert.Equal("step on stderr", line),
            line => Assert.Matches(@"^  \S Ordinary\.Greet  <?\d+ ms$", line),
            line => Assert.Matches(@"^\S Ordinary\.Hello completed  \d+ ms  1 step(  run \w{26})?$", line));
        Assert.DoesNotContain('\e', ended.Error);
    }

    [Fact]
    public async Task Switched_off_it_says_nothing()
    {
        using var folder = new TemporaryFolder();

        var ended = (await Start.Program(
            Repository.Programs, ["hello", "Ada"],
            new Dictionary<string, string?> { ["FLETCHER_STORE"] = folder["store.db"], ["FLETCHER_CONSOLE"] = "off" })).With(0);

        Assert.Equal(["step on stderr"], ended.ErrorLines);
    }
}
