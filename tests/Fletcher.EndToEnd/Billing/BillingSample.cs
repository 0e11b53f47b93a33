using Fletcher.EndToEnd.Billing;
using Fletcher.EndToEnd.Running;

[assembly: AssemblyFixture(typeof(BillingSample))]

namespace Fletcher.EndToEnd.Billing;

/// <summary>The sample, built once for all tests, from its one file as a user builds it.</summary>
public sealed class BillingSample : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The program.</summary>
    public string Program => _folder["billing"];

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        // Without build servers, as nothing that is started may stay.
        var built = await Start.Program(
            "dotnet",
            ["build", Path.Combine("samples", "billing", "billing.cs"), "-o", _folder.Path, "-v", "quiet", "--disable-build-servers"],
            new Dictionary<string, string?>());
        built.With(0);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
