using Fletcher.EndToEnd.BillingService;
using Fletcher.EndToEnd.Running;

[assembly: AssemblyFixture(typeof(BillingServiceSample))]

namespace Fletcher.EndToEnd.BillingService;

/// <summary>The sample, built once for all tests, from its one file as a user builds it.</summary>
public sealed class BillingServiceSample : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task> _built;

    /// <summary>Nothing is built before somebody asks.</summary>
    public BillingServiceSample() => _built = new Lazy<Task>(BuildAsync);

    /// <summary>The program.</summary>
    internal async Task<string> GetProgramAsync()
    {
        await _built.Value;
        return _folder["billing-service"];
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private async Task BuildAsync()
    {
        var source = Path.Combine("samples", "billing-service", "billing-service.cs");
        var built = await Start.Program("dotnet", ["build", source, "-o", _folder.Path, "-v", "quiet", "--disable-build-servers"], new Dictionary<string, string?>());
        built.With(0);
    }
}
