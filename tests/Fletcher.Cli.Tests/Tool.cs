using System.Text;
using System.Text.Json;
using CliWrap;
using Fletcher.Hosting;

namespace Fletcher.Cli.Tests;

/// <summary>The real command, as a process.</summary>
internal static class Tool
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    internal static string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Fletcher.Cli",
        System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "Fletcher.Cli"));

    private static readonly string Schemas = ReadSchemas();

    internal static async Task<Said> RunAsync(string? store, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        var (output, error) = (new StringBuilder(), new StringBuilder());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        var clean = new Dictionary<string, string?> { ["FLETCHER_STORE"] = store, ["FLETCHER_RETRY"] = null, ["NO_COLOR"] = null, ["COLUMNS"] = null, ["TZ"] = "UTC" };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            clean[name] = value;
        var ended = await CliWrap.Cli.Wrap(Path).WithArguments(arguments).WithEnvironmentVariables(clean)
            .WithStandardOutputPipe(PipeTarget.ToStringBuilder(output)).WithStandardErrorPipe(PipeTarget.ToStringBuilder(error))
            .WithValidation(CommandResultValidation.None).ExecuteAsync(limit.Token);
        return new Said(string.Join(' ', arguments), ended.ExitCode, output.ToString(), error.ToString());
    }

    /// <summary>What is wrong with a document of this kind.</summary>
    internal static IReadOnlyList<string> Misfits(string kind, string json) =>
        JsonSchemaCheck.Find($$"""{"$ref": "#/$defs/{{kind}}", "$defs": {{Schemas}}}""", Encoding.UTF8.GetBytes(json));

    private static string ReadSchemas()
    {
        using var document = JsonDocument.Parse(typeof(Tool).Assembly.GetManifestResourceStream("cli.schema.json")!);
        return document.RootElement.GetProperty("$defs").GetRawText();
    }
}

/// <summary>What the command said, and how it ended.</summary>
internal sealed record Said(string Arguments, int ExitCode, string Out, string Error)
{
    internal Said With(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"fletcher {Arguments}: exit code {ExitCode}, expected {exitCode}\n--- stdout\n{Out}\n--- stderr\n{Error}");
        return this;
    }

    /// <summary>It did it, and said this.</summary>
    internal Said Has(params string[] fragments)
    {
        With(0);
        Assert.Equal("", Error);
        Assert.All(fragments, fragment => Assert.Contains(fragment, Out, StringComparison.Ordinal));
        return this;
    }

    /// <summary>It refused in one line on standard error that has these.</summary>
    internal void Refuses(int exitCode, params string[] fragments)
    {
        With(exitCode);
        Assert.Equal("", Out);
        var line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.All(fragments, fragment => Assert.Contains(fragment, line, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
    }

    /// <summary>It refused what begins at a place of a text, which is shown with a mark below.</summary>
    internal void RefusesAt(string text, int position, params string[] fragments)
    {
        With(2);
        Assert.Equal("", Out);
        Assert.EndsWith($"\n  {text}\n  {new string(' ', position)}^\n", Error.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.All(fragments, fragment => Assert.Contains(fragment, Error, StringComparison.Ordinal));
    }

    /// <summary>It wrote one JSON document of this kind of <c>cli.schema.json</c>.</summary>
    internal JsonElement Json(string kind, int exitCode = 0)
    {
        With(exitCode);
        Assert.Equal("", Error);
        Assert.Equal([], Tool.Misfits(kind, Out));
        using var document = JsonDocument.Parse(Out);
        return document.RootElement.Clone();
    }
}
