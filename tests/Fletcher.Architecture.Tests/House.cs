using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Fletcher.Storage.PostgreSql;
using Fletcher.Storage.Sqlite;
using Fletcher.Testing;

namespace Fletcher.Architecture.Tests;

/// <summary>The repository and the assemblies that it is about.</summary>
internal static class House
{
    internal static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    internal static string Source => Path.Combine(Root, "src");

    internal static Assembly Core => typeof(Flow).Assembly;

    internal static Assembly PostgreSql => typeof(PostgreSqlStore).Assembly;

    internal static Assembly Sqlite => typeof(SqliteStore).Assembly;

    internal static Assembly Fletcher => typeof(ProgramHost).Assembly;

    internal static Assembly Cli { get; } = Assembly.Load("Fletcher.Cli");

    internal static Assembly Testing => typeof(FlowTest).Assembly;

    internal static Assembly[] Packages => [Core, PostgreSql, Sqlite, Fletcher, Testing, Cli];

    internal static IEnumerable<string> SourceFiles(string folder = "") =>
        Directory.EnumerateFiles(Path.Combine(Source, folder), "*.cs", SearchOption.AllDirectories);

    internal static IEnumerable<string> Projects() =>
        Directory.EnumerateFiles(Source, "*.csproj", SearchOption.AllDirectories);

    /// <summary>The projects that a project uses at run time, by name.</summary>
    internal static IEnumerable<string> ReferencesOf(string project) =>
        XDocument.Load(project).Descendants("ProjectReference")
            .Where(reference => (string?)reference.Attribute("ReferenceOutputAssembly") != "false")
            .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));

    internal static string Relative(string file) => Path.GetRelativePath(Root, file);

    private static string ThisFile([CallerFilePath] string file = "") => file;
}
