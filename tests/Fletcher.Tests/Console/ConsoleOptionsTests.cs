using Fletcher.Terminal;
using Xunit;

namespace Fletcher.Tests.Terminal;

public sealed class ConsoleOptionsTests
{
    [Theory]
    [InlineData("", false, ConsoleMode.Live)]
    [InlineData("", true, ConsoleMode.Plain)]
    [InlineData("NO_COLOR=1", false, ConsoleMode.Plain)]
    [InlineData("NO_COLOR=", false, ConsoleMode.Live)]
    [InlineData("TERM=dumb", false, ConsoleMode.Plain)]
    [InlineData("TERM=xterm", false, ConsoleMode.Live)]
    [InlineData("CI=true", false, ConsoleMode.Plain)]
    [InlineData("CI=false", false, ConsoleMode.Live)]
    [InlineData("FLETCHER_CONSOLE=plain", false, ConsoleMode.Plain)]
    [InlineData("FLETCHER_CONSOLE=Off", true, ConsoleMode.Off)]
    [InlineData("FLETCHER_CONSOLE=live;CI=true;NO_COLOR=1", true, ConsoleMode.Live)]
    [InlineData("FLETCHER_CONSOLE=what", false, ConsoleMode.Live)]
    public void The_form_follows_the_surroundings(string environment, bool isRedirected, ConsoleMode expected)
    {
        var variables = environment.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(static pair => pair.Split('=')).ToDictionary(static pair => pair[0], static pair => pair[1]);

        Assert.Equal(expected, new ConsoleOptions().Resolve(name => variables.GetValueOrDefault(name), isRedirected));
    }

    [Fact]
    public void What_the_program_says_comes_first() =>
        Assert.Equal(ConsoleMode.Off, new ConsoleOptions { Mode = ConsoleMode.Off }.Resolve(static _ => "live", false));
}
