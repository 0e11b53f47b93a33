using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>The deployments that the host's program declares, and their firings.</summary>
public sealed partial class FletcherHost
{
    private FiringLoop? _firing;

    /// <summary>Looks for firings now, as a deployment has changed.</summary>
    internal void PokeFirings() => _firing?.Poke();

    /// <exception cref="FletcherUsageException">One cannot be used, or the store keeps none.</exception>
    private async ValueTask DeclareDeploymentsAsync(CancellationToken cancellationToken)
    {
        var client = Client.As("code");
        var declared = new HashSet<string>(StringComparer.Ordinal);
        foreach (var declaration in _options.Deployments)
            declared.Add(await client.DeclareAsync(declaration, cancellationToken).ConfigureAwait(false));

        // In a store that keeps none, such as that of a test, attributes say nothing.
        foreach (var name in Store.Deployments is null ? [] : Identity.Flows)
        {
            if (!declared.Contains(name))
                await client.DeclareAttributeAsync(Catalog!.Find(name)!, cancellationToken).ConfigureAwait(false);
        }
    }

    private void StartFirings()
    {
        if (!TakesRuns || Store.Deployments is not { } store)
            return;
        lock (_openGate)
            _firing ??= new FiringLoop(this, store);
        _firing.Start();
    }
}
