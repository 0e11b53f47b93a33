using System.Diagnostics;

namespace Fletcher.Architecture.Tests;

/// <summary>The repository stays tidy.</summary>
public sealed class FileTests
{
    private const int MaxLines = 400;

    private static readonly string[] RootEntries =
    [
        ".ci", ".editorconfig", ".gitattributes", ".github", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "Directory.Build.props",
        "Directory.Build.targets", "Directory.Packages.props", "Fletcher.slnx", "LICENSE", "README.md", "bench", "docs", "global.json",
        "icon.png", "samples", "src", "test", "tests",
    ];

    [Fact]
    public void No_source_file_is_too_long()
    {
        var long_ = House.SourceFiles()
            .Select(file => (File: House.Relative(file), Lines: File.ReadLines(file).Count()))
            .Where(file => file.Lines > MaxLines);

        Assert.Empty(long_);
    }

    [Fact]
    public void The_root_holds_only_what_belongs_there()
    {
        // What git ignores, such as the build's output, may lie there.
        using var git = Process.Start(new ProcessStartInfo("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = House.Root,
            RedirectStandardOutput = true,
        })!;
        var entries = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(path => path.Trim('"').Split('/')[0])
            .Distinct();

        Assert.Empty(entries.Except(RootEntries));
    }

    [Fact]
    public void No_folder_is_a_drawer()
    {
        string[] drawers = ["Helpers", "Utils", "Utilities", "Managers", "Common", "Misc"];

        Assert.Empty(Directory.EnumerateDirectories(House.Source, "*", SearchOption.AllDirectories)
            .Where(folder => drawers.Contains(Path.GetFileName(folder)))
            .Select(House.Relative));
    }
}
