using Fletcher.Model;
using Fletcher.Terminal;
using Xunit;

namespace Fletcher.Tests.Terminal;

public sealed class ProgramCommandTests
{
    private static readonly RunId Run = RunId.Parse("01m83r0bgzf7a9dw6rff1m69ad", null);

    [Theory]
    [InlineData("/work/billing.cs", "/tmp/x/billing", "", "dotnet run billing.cs")]
    [InlineData("/work/samples/billing.cs", "/tmp/x/billing", "--break|2026 10", "dotnet run samples/billing.cs -- --break '2026 10'")]
    [InlineData("/elsewhere/billing.cs", null, "it's", "dotnet run /elsewhere/billing.cs -- 'it'\\''s'")]
    [InlineData(null, "/work/bin/billing", "a|", "bin/billing a ''")]
    [InlineData(null, "/work/billing", "$HOME", "./billing '$HOME'")]
    [InlineData(null, "/usr/bin/dotnet", "x", "dotnet app/billing.dll x")]
    [InlineData(null, null, "", "dotnet app/billing.dll")]
    public void The_command_is_the_one_that_started_the_program(string? file, string? process, string arguments, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The paths are those of Unix.");

        Assert.Equal($"FLETCHER_RETRY={Run} {expected}", Command(file, process, arguments, false).Resume(Run));
    }

    [Fact]
    public void On_windows_it_is_for_PowerShell()
    {
        Assert.Equal($"$env:FLETCHER_RETRY='{Run}'; dotnet run billing.cs -- 'it''s'",
            Command("/work/billing.cs", null, "it's", true).Resume(Run));
        Assert.Equal($"$env:FLETCHER_RETRY='{Run}'; & '/opt/my app/billing'",
            Command(null, "/opt/my app/billing", "", true).Resume(Run));
    }

    [Fact]
    public void A_flow_that_was_asked_for_is_asked_for_again()
    {
        var command = Command("/work/billing.cs", null, "", false) with { Asked = new AskedFlow("billing.cs", "my runs.db", "Billing.Pay", null, ["month=2026-10", "who=Ada L"]) };

        Assert.Equal($"fletcher run billing.cs Billing.Pay -p month=2026-10 -p 'who=Ada L' --store 'my runs.db' --retry {Run}", command.Resume(Run));
        Assert.Equal("fletcher run billing.cs Billing.Pay --parameters '{\"n\":1}'", (command with { Asked = new AskedFlow("billing.cs", null, "Billing.Pay", "{\"n\":1}", []) }).Again());
    }

    private static ProgramCommand Command(string? file, string? process, string arguments, bool isWindows) =>
        new(file, process, "/work/app/billing.dll", arguments.Length == 0 ? [] : arguments.Split('|'), "/work", isWindows);
}
