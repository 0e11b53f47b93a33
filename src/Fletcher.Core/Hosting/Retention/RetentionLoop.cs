using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// Says how long runs of the program's flows are kept, and lets go of the others when it is this host's turn: when it starts, and every so often. Of several hosts one does it
/// (<see cref="IRetentionStore.TryTakeTurnAsync"/>); two at once would do no harm. Each host looks at times of its own, so that they do not all ask at once.
/// </summary>
internal sealed class RetentionLoop(FletcherHost host, IRetentionStore store) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Task? _loop;

    /// <summary>Begins.</summary>
    internal void Start()
    {
        lock (_gate)
        {
            if (_loop is not null || _stopping.IsCancellationRequested)
                return;
            using var apart = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
            _loop = Task.Run(LoopAsync);
        }
    }

    /// <summary>Waits for the transaction that is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? loop;
        lock (_gate)
        {
            if (!_stopping.IsCancellationRequested)
                _stopping.Cancel();
            loop = _loop;
        }

        if (loop is not null)
            await loop.ConfigureAwait(false);
    }

    private async Task LoopAsync()
    {
        string? told = null;
        var isSaid = false;
        while (true)
        {
            try
            {
                if (!isSaid)
                    await SayAsync().ConfigureAwait(false);
                isSaid = true;
                if (host.Retention.IsOn && await store.TryTakeTurnAsync(host.Now, host.Retention.Every, _stopping.Token).ConfigureAwait(false))
                    await new Pruner(store, host.Time).RunAsync(new PruneOptions(), host.Retention, _stopping.Token).ConfigureAwait(false);
                told = null;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A store that is gone may come back; until then runs are kept, which harms nobody.
                if (told != e.Message)
                    host.Observers.Note($"The host cannot let go of old runs: {e.Message}");
                told = e.Message;
            }

            try
            {
                // A tenth of it by chance, or hosts that start together would ask together for ever.
                await Task.Delay(host.Retention.Every * (1 + (0.1 * host.Random.NextDouble())), host.Time, _stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>What the store does not have yet, so that a host which knows these flows not keeps their runs as long.</summary>
    private async ValueTask SayAsync()
    {
        var known = await store.GetPoliciesAsync(_stopping.Token).ConfigureAwait(false);
        var catalog = host.Catalog ?? new FlowCatalog(host.FlowAssemblies);
        var news = new Dictionary<string, RetentionPolicy>(StringComparer.Ordinal);
        foreach (var flow in catalog.Flows)
        {
            var policy = RetentionPolicies.Of(flow, host.Retention);
            if (known.GetValueOrDefault(flow.Id) != policy)
                news[flow.Id] = policy;
        }

        if (news.Count > 0)
            await store.PutPoliciesAsync(news, _stopping.Token).ConfigureAwait(false);
    }
}
