using Fletcher.EndToEnd;
using Fletcher.EndToEnd.Running;

[assembly: AssemblyFixture(typeof(Packages))]

namespace Fletcher.EndToEnd;

/// <summary>
/// The packages, packed once into a feed of their own, under a version that no cache can hold. Restored packages go to a folder
/// of their own too; those that a developer's machine has already are taken from there.
/// </summary>
public sealed class Packages : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task> _packed;

    /// <summary>Nothing is packed before somebody asks.</summary>
    public Packages()
    {
        _packed = new Lazy<Task>(PackAsync);
        Directory.CreateDirectory(_folder["data"]); // dotnet run takes a folder that is not there for none
    }

    /// <summary>The version that they have.</summary>
    public string Version { get; } = $"0.1.0-test.{Guid.NewGuid():N}";

    /// <summary>A folder for a user's project, whose nuget.config names the feed before the usual source.</summary>
    internal async Task<string> CreateFolderAsync(string name)
    {
        await _packed.Value;
        var folder = Directory.CreateDirectory(_folder[name]).FullName;
        var own = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <packageSources><add key="fletcher" value="{_folder["feed"]}" /></packageSources>
              <fallbackPackageFolders><add key="own" value="{own}" /></fallbackPackageFolders>
            </configuration>
            """);
        return folder;
    }

    /// <summary>Runs dotnet as a user in that folder.</summary>
    internal Task<Ended> Dotnet(string folder, params string[] arguments) => Run("dotnet", folder, arguments);

    /// <summary>Runs a program as a user in that folder.</summary>
    internal Task<Ended> Run(string program, string folder, params string[] arguments) => Start.Program(
        program, arguments,
        new Dictionary<string, string?>
        {
            ["FLETCHER_STORE"] = Path.Combine(folder, "store", "store.db"),
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["UseSharedCompilation"] = "false",
            ["NUGET_PACKAGES"] = _folder["packages"],
            // Where dotnet run keeps what it makes of a file.
            ["XDG_DATA_HOME"] = _folder["data"],
        },
        folder: folder);

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private async Task PackAsync()
    {
        // In a folder of their own, so that the version does not rebuild what other tests use.
        var packed = await Start.Program(
            "dotnet",
            [
                "pack", "src/Fletcher/Fletcher.csproj", "-o", _folder["feed"], "-v", "quiet", "-nodeReuse:false",
                $"-p:Version={Version}", $"-p:ArtifactsPath={_folder["artifacts"]}", "-p:UseSharedCompilation=false",
            ],
            new Dictionary<string, string?>());
        packed.With(0);
        foreach (var other in (string[])["Fletcher.Core", "Fletcher.Storage.Sqlite", "Fletcher.Testing"])
        {
            packed = await Start.Program(
                "dotnet",
                [
                    "pack", $"src/{other}/{other}.csproj", "-o", _folder["feed"], "-v", "quiet", "-nodeReuse:false",
                    $"-p:Version={Version}", $"-p:ArtifactsPath={_folder["artifacts"]}", "-p:UseSharedCompilation=false",
                    // What the package Fletcher does not reference is restored here for the first time.
                    .. other == "Fletcher.Testing" ? (string[])[] : ["--no-restore"],
                ],
                new Dictionary<string, string?>());
            packed.With(0);
        }
    }
}
