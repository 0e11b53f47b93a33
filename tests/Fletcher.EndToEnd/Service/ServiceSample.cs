using Fletcher.EndToEnd.Running;
using Fletcher.EndToEnd.Service;

[assembly: AssemblyFixture(typeof(ServiceSample))]

namespace Fletcher.EndToEnd.Service;

/// <summary>The sample, published once for all tests by the command in its Containerfile.</summary>
public sealed class ServiceSample : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task> _published;

    /// <summary>Nothing is built before somebody asks.</summary>
    public ServiceSample() => _published = new Lazy<Task>(PublishAsync);

    internal static string Source { get; } = Path.Combine(Repository.Root, "samples", "service");

    /// <summary>The program.</summary>
    internal async Task<string> GetProgramAsync()
    {
        await _published.Value;
        return _folder["service"];
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private async Task PublishAsync()
    {
        var command = (await File.ReadAllLinesAsync(Path.Combine(Source, "Containerfile"))).Single(line => line.StartsWith("RUN dotnet ", StringComparison.Ordinal));
        var published = await Start.Program(
            "dotnet", [.. command["RUN dotnet ".Length..].Replace("/app", _folder.Path, StringComparison.Ordinal).Split(' '), "--disable-build-servers"], new Dictionary<string, string?>());
        published.With(0);
    }
}
