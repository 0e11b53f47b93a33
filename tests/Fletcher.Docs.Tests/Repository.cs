using System.Runtime.CompilerServices;

namespace Fletcher.Docs.Tests;

/// <summary>Where the repository's files are.</summary>
internal static class Repository
{
    internal static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    internal static string Examples => Path.Combine(Root, "docs", "examples");

    /// <summary>Every page that people read.</summary>
    internal static IEnumerable<string> Pages() =>
        Directory.EnumerateFiles(Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories));

    internal static string Relative(string file) => Path.GetRelativePath(Root, file);

    private static string ThisFile([CallerFilePath] string file = "") => file;
}
