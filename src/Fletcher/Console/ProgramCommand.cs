using Fletcher.Model;

namespace Fletcher.Terminal;

/// <summary>How this process was started, so that a person can be told how to start it again.</summary>
/// <param name="EntryPointFile">The source file of a file-based program; null for others.</param>
/// <param name="ProcessPath">The executable.</param>
/// <param name="EntryAssembly">The path of the program's assembly, for programs that the <c>dotnet</c> executable runs.</param>
/// <param name="Arguments">The program's own arguments.</param>
/// <param name="WorkingFolder">Where it was started.</param>
/// <param name="IsWindows">Whether to write for PowerShell.</param>
/// <param name="Asked">The flow that it was asked to run instead of its own statements; null for none.</param>
internal sealed record ProgramCommand(
    string? EntryPointFile, string? ProcessPath, string? EntryAssembly, IReadOnlyList<string> Arguments,
    string WorkingFolder, bool IsWindows, AskedFlow? Asked = null)
{
    private const string RetryVariable = "FLETCHER_RETRY";

    /// <summary>That of this process.</summary>
    internal static ProgramCommand Current()
    {
        var line = Environment.GetCommandLineArgs();
        return new ProgramCommand(
            AppContext.GetData("EntryPointFilePath") as string,
            Environment.ProcessPath,
            line.Length > 0 ? line[0] : null,
            line.Length > 1 ? line[1..] : [],
            Environment.CurrentDirectory,
            OperatingSystem.IsWindows(),
            AskedFlow.Current);
    }

    /// <summary>The command that starts the program again as it was started, and makes it resume this run.</summary>
    internal string Resume(RunId run) => Asked is not null ? $"{Again()} --retry {run}"
        : IsWindows ? $"$env:{RetryVariable}='{run}'; {Again()}"
        : $"{RetryVariable}={run} {Again()}";

    /// <summary>The command that starts the program again as it was started.</summary>
    internal string Again()
    {
        var words = new List<string>();
        if (Asked is { } asked)
            return string.Join(' ', Words(asked).Select(Quote));
        if (EntryPointFile is { Length: > 0 } file)
        {
            words.AddRange(["dotnet", "run", Relative(file)]);
            if (Arguments.Count > 0)
                words.Add("--");
        }
        else if (ProcessPath is null || Path.GetFileNameWithoutExtension(ProcessPath).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
        {
            words.Add("dotnet");
            if (EntryAssembly is { Length: > 0 } assembly)
                words.Add(Relative(assembly));
        }
        else
        {
            // A bare name would be looked for in PATH.
            var path = Relative(ProcessPath);
            words.Add(path.AsSpan().ContainsAny('/', '\\') ? path : "./" + path);
        }
        words.AddRange(Arguments);

        var command = string.Join(' ', words.Select(Quote));
        // PowerShell takes a quoted first word for a text, unless it is told to run it.
        return IsWindows && command.StartsWith('\'') ? "& " + command : command;
    }

    private static IEnumerable<string> Words(AskedFlow asked)
    {
        var parameters = asked.Parameters is { } all ? ["--parameters", all] : asked.Given.SelectMany(static one => new[] { "-p", one });
        return ["fletcher", "run", asked.Program, asked.Flow, .. parameters, .. asked.Store is { } store ? new[] { "--store", store } : []];
    }

    private string Relative(string path) => Readable.ShortPath(path, WorkingFolder);

    private string Quote(string word)
    {
        var isPlain = word.Length > 0;
        foreach (var c in word)
            isPlain &= char.IsAsciiLetterOrDigit(c) || "-_./:=,+@%".Contains(c, StringComparison.Ordinal)
                || (IsWindows && c == '\\');
        if (isPlain && !(IsWindows && word.AsSpan().ContainsAny(',', '@')))
            return word;
        return IsWindows
            ? "'" + word.Replace("'", "''", StringComparison.Ordinal) + "'"
            : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
    }
}
