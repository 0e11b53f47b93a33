namespace Fletcher.Cli.Tests;

/// <summary>Programs and shells: fletcher run, fletcher completion.</summary>
public sealed class ShellTests
{
    [Theory]
    [InlineData("fletcher ru", "run", "runs")]
    [InlineData("fletcher runs sho", "show")]
    [InlineData("fletcher runs --state fai", "failed")]
    [InlineData("fletcher store ", "where", "stats", "check", "migrate", "backup", "prune")]
    [InlineData("fletcher completion ", "bash", "zsh", "fish", "pwsh")]
    public async Task Words_are_completed(string line, params string[] expected)
    {
        var said = (await Tool.RunAsync(null, null, "complete", line.Length.ToString(null, null), line)).With(0);

        var words = said.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Empty(expected.Except(words));
    }

    [Fact]
    public async Task Bash_completes_with_the_script()
    {
        var script = (await Tool.RunAsync(null, null, "completion", "bash")).Has("complete -o default -F _fletcher fletcher").Out;
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("try.sh"), $$"""
            fletcher() { '{{Tool.Path}}' "$@"; }
            {{script}}
            COMP_LINE='fletcher runs wat' COMP_POINT=17 COMP_WORDS=(fletcher runs wat) COMP_CWORD=2
            _fletcher
            printf '%s\n' "${COMPREPLY[@]}"
            """, TestContext.Current.CancellationToken);

        var output = new System.Text.StringBuilder();
        await CliWrap.Cli.Wrap("bash").WithArguments([folder.File("try.sh")]).WithStandardOutputPipe(CliWrap.PipeTarget.ToStringBuilder(output)).ExecuteAsync(TestContext.Current.CancellationToken);

        Assert.Equal("watch", output.ToString().Trim());
    }

    [Theory]
    [InlineData("zsh", "#compdef fletcher")]
    [InlineData("fish", "complete -c fletcher")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Each_shell_has_its_script(string shell, string fragment) => (await Tool.RunAsync(null, null, "completion", shell)).Has(fragment, "fletcher complete");

    [Fact]
    public async Task A_program_is_run_with_the_store_its_arguments_and_its_exit_code()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("program.cs"), """
            #:property PublishAot=false
            Console.WriteLine($"{Environment.GetEnvironmentVariable("FLETCHER_STORE")} {string.Join('+', args)}");
            return 7;
            """, TestContext.Current.CancellationToken);

        var said = await Tool.RunAsync(null, null, "run", folder.File("program.cs"), "--store", folder.File("runs.db"), "--", "one", "--two");

        Assert.Contains($"{folder.File("runs.db")} one+--two", said.With(7).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_run_is_refused()
    {
        using var folder = new TemporaryFolder();

        (await Tool.RunAsync(null, null, "run", "none.cs")).Refuses(2, "There is no program 'none.cs'");
        (await Tool.RunAsync(null, null, "run", folder.Path, "--store", "Host=db")).Refuses(2, "UsePostgreSql");
        (await Tool.RunAsync(null, null, "run", folder.Path, "--retry", "x")).Refuses(2, "--retry is 'x'");
        (await Tool.RunAsync(null, null, "run", folder.Path, "Bills.Pay", "2026-10")).Refuses(2, "'2026-10' is one too many");
        (await Tool.RunAsync(null, null, "run", folder.Path, "Bills.Pay", "--", "2026-10")).Refuses(2, "not executed when a flow is named", "-p");
        (await Tool.RunAsync(null, null, "run", folder.Path, "Bills.Pay", "-p", "month")).Refuses(2, "'month' has no value");
        (await Tool.RunAsync(null, null, "run", folder.Path, "Bills.Pay", "-p", "a=1", "--parameters", "{}")).Refuses(2, "both given");
        (await Tool.RunAsync(null, null, "run", folder.Path, "-p", "month=2026-10")).Refuses(2, "none is named");
    }
}
