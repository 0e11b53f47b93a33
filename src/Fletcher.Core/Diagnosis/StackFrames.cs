using System.Globalization;
using System.Text.RegularExpressions;
using Fletcher.Model;

namespace Fletcher.Diagnosis;

/// <summary>Reads stack traces as .NET writes them, and finds the place in the user's own code.</summary>
internal static partial class StackFrames
{
    // Whose frames are never the user's own. Fletcher's are named one by one, as users may have a Fletcher namespace too.
    private static readonly string[] ForeignNamespaces =
    [
        "System.", "Microsoft.", "Interop.", "MS.Internal.", "Spectre.Console.",
        "Fletcher.Diagnosis.", "Fletcher.Engine.", "Fletcher.Flow.", "Fletcher.Generated.", "Fletcher.Hosting.",
        "Fletcher.Runtime.", "Fletcher.Step.", "Fletcher.Storage.", "Fletcher.Terminal.",
    ];

    /// <summary>The frames of a stack trace, the throwing one first. Lines that are no frames are passed over.</summary>
    internal static IReadOnlyList<CodeFrame> Parse(string? stackTrace)
    {
        if (string.IsNullOrEmpty(stackTrace))
            return [];

        var frames = new List<CodeFrame>();
        foreach (var line in stackTrace.AsSpan().EnumerateLines())
            if (ParseLine(line.ToString()) is { } frame)
                frames.Add(frame);
        return frames;
    }

    /// <summary>
    /// The first frame of the user's own code, innermost exception first; one with a file if there is any. Null when no frame
    /// is the user's.
    /// </summary>
    internal static CodeFrame? FindOwn(ErrorRecord error)
    {
        CodeFrame? withMappedFile = null, withoutFile = null;
        foreach (var one in InnermostFirst(error))
        {
            foreach (var frame in Parse(one.StackTrace))
            {
                if (IsForeign(frame))
                    continue;
                if (frame.File is null)
                    withoutFile ??= frame;
                // Libraries built reproducibly have paths such as /_/src/X.cs; the user's own program rarely has.
                else if (frame.File.StartsWith("/_", StringComparison.Ordinal))
                    withMappedFile ??= frame;
                else
                    return frame;
            }
        }
        return withMappedFile ?? withoutFile;
    }

    /// <summary>The error and its inner ones, the innermost first.</summary>
    internal static IEnumerable<ErrorRecord> InnermostFirst(ErrorRecord error)
    {
        foreach (var inner in error.Inner)
            foreach (var one in InnermostFirst(inner))
                yield return one;
        yield return error;
    }

    private static bool IsForeign(CodeFrame frame)
    {
        if (frame.File is { } file && file.EndsWith(".g.cs", StringComparison.OrdinalIgnoreCase))
            return true;
        foreach (var prefix in ForeignNamespaces)
            if (frame.Member.StartsWith(prefix, StringComparison.Ordinal))
                return true;
        return false;
    }

    private static CodeFrame? ParseLine(string text)
    {
        var match = FrameLine().Match(text);
        if (!match.Success)
            return null;

        var (type, method) = CompilerNames.Demangle(match.Groups["member"].Value);
        var hasFile = match.Groups["file"].Success
            && int.TryParse(match.Groups["line"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out _);
        return hasFile
            ? new CodeFrame(type, method, match.Groups["file"].Value,
                int.Parse(match.Groups["line"].ValueSpan, CultureInfo.InvariantCulture))
            : new CodeFrame(type, method, null, 0);
    }

    // "   at Billing.Load(String csv) in /home/ada/billing.cs:line 42". The parameters are matched to the last parenthesis
    // before " in ", as they may have some of their own; lines like "--- End of stack trace …" do not match.
    [GeneratedRegex(
        @"^\s*at (?<member>[^\s(][^(]*)\((?<parameters>.*?)\)(?: in (?<file>.+):line (?<line>\d{1,9}))?\s*$",
        RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FrameLine();
}
