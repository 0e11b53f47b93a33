using System.Globalization;

namespace Fletcher.PostgreSqlServer;

/// <summary>Finds the programs of PostgreSQL.</summary>
public static class PostgreSqlInstallation
{
    /// <summary>Why there are none, and what to do.</summary>
    public const string Missing =
        "PostgreSQL is not installed. Run ./test, which installs it, or 'apt-get install postgresql', or name a server with FLETCHER_TEST_POSTGRES.";

    /// <summary>The folder with initdb and postgres, of the newest version; null when there is none.</summary>
    public static string? Folder { get; } = Find();

    private static string? Find()
    {
        const string debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(debian) ? Directory.GetDirectories(debian) : [];
        return versions
            .OrderByDescending(static version => int.TryParse(Path.GetFileName(version), CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Select(static version => Path.Combine(version, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .FirstOrDefault(static folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
    }
}
