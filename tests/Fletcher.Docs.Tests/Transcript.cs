using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Fletcher.Docs.Tests;

/// <summary>
/// What a person sees who tries an example: commands behind <c>$</c>, and what they wrote. Recorded beside the example, and
/// played again by the test.
/// </summary>
/// <remarks>
/// Commands are <c>dotnet run NAME.cs -- …</c> and <c>rm FILE</c>. What Fletcher says on standard error is part of the transcript
/// only where the command sets FLETCHER_CONSOLE. A run id in a command stands for the id that was last written.
/// </remarks>
internal static partial class Transcript
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Plays the commands of a transcript in an empty folder with an empty store, and returns the transcript of that.</summary>
    internal static async Task<List<string>> PlayAsync(string example, IEnumerable<string> commands, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("fletcher-docs-").FullName;
        var file = Path.Combine(folder, Path.GetFileName(example));
        File.Copy(example, file);
        var assembly = await Example.CompileAsync(file, cancellationToken);

        var lines = new List<string>();
        foreach (var command in commands)
        {
            var known = lines.Select(line => RunId().Match(line)).LastOrDefault(match => match.Success)?.Value;
            var actual = known is null ? command : RunId().Replace(command, known);
            lines.Add($"$ {actual}");
            if (actual.StartsWith("rm ", StringComparison.Ordinal))
                File.Delete(Path.Combine(folder, actual[3..]));
            else
                lines.AddRange(await RunAsync(actual, folder, assembly, cancellationToken));
        }

        Directory.Delete(folder, recursive: true);
        return lines;
    }

    /// <summary>The text without what differs from run to run: ids, times, processes.</summary>
    internal static string Normalise(string line)
    {
        line = RunId().Replace(line, "<run>");
        line = Date().Replace(line, "<date>");
        line = Clock().Replace(line, "<clock>");
        line = Process().Replace(line, "(process <id>)");
        line = Duration().Replace(line, "<time>");
        return Ticks().Replace(line, "<ticks>").TrimEnd();
    }

    private static async Task<IEnumerable<string>> RunAsync(string command, string folder, string assembly, CancellationToken cancellationToken)
    {
        var words = command.Split(' ');
        var settings = words.TakeWhile(word => word.Contains('=', StringComparison.Ordinal)).ToArray();
        var arguments = words.SkipWhile(word => word != "--").Skip(1);
        var isShown = settings.Any(word => word.StartsWith("FLETCHER_CONSOLE=", StringComparison.Ordinal));

        // A shell joins the two streams, so that lines keep their order.
        var program = string.Join(' ', new[] { "exec", "dotnet", "exec", "--depsfile", Quote(Deps), Quote(assembly) }
            .Concat(arguments.Select(Quote)));
        var start = new ProcessStartInfo("/bin/sh", ["-c", program + (isShown ? " 2>&1" : " 2>/dev/null")])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["FLETCHER_CONSOLE"] = "off";
        start.Environment["FLETCHER_STORE"] = Path.Combine(folder, "store", "fletcher.db");
        start.Environment["FLETCHER_KEYS"] = Path.Combine(folder, "store", "keys");
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["TZ"] = "UTC";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        foreach (var setting in settings)
            start.Environment[setting.Split('=')[0]] = setting.Split('=')[1];

        using var process = System.Diagnostics.Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        var text = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);

        var lines = text.TrimEnd().Split('\n').Select(line => line.TrimEnd()).Where(line => text.Length > 0);
        return process.ExitCode == 0 ? lines : lines.Append($"(exit code {process.ExitCode})");
    }

    private static string Deps => Path.Combine(AppContext.BaseDirectory, "Fletcher.Docs.Tests.deps.json");

    private static string Quote(string word) => $"'{word}'";

    [GeneratedRegex(@"\b[0-9a-hjkmnp-tv-z]{26}\b")]
    private static partial Regex RunId();

    [GeneratedRegex(@"\b20\d\d-\d\d-\d\d(?= \d\d:)")]
    private static partial Regex Date();

    [GeneratedRegex(@"\b\d\d:\d\d:\d\dZ?")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\(process \d+ on [^)]+\)|\bprocess \d+ on [\w.-]+")]
    private static partial Regex Process();

    [GeneratedRegex(@"(<|\b)\d+(\.\d+)? (ms|s)\b|\b\d+m \d+s\b")]
    private static partial Regex Duration();

    [GeneratedRegex(@"\b\d{18}\b")]
    private static partial Regex Ticks();
}
