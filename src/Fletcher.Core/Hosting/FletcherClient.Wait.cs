using System.Text.Json;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

public sealed partial class FletcherClient
{
    private RunWaits? _waits;

    /// <summary>Waits until a run has ended, whichever host executes it, and returns its result.</summary>
    /// <typeparam name="T">What the flow returns; <see cref="Nothing"/> for a flow that returns nothing.</typeparam>
    /// <param name="run">The run.</param>
    /// <param name="cancellationToken">Ends the wait; the run goes on.</param>
    /// <exception cref="FletcherUsageException">There is no such run; it failed, or crashed and is not resumed by itself (FLT1403); or its result is no <typeparamref name="T"/>.</exception>
    /// <exception cref="RunCancelledException">It was cancelled.</exception>
    public async Task<T> WaitAsync<T>(RunId run, CancellationToken cancellationToken = default)
    {
        var ended = await WaitForEndAsync(run, cancellationToken).ConfigureAwait(false);
        if (ended.State == FlowRunState.Cancelled)
            throw EndedRun.Cancelled(ended);
        if (ended.State != FlowRunState.Completed)
            throw EndedRun.Failed(ended);
        if (ended.Result is not { } stored)
            return default!;
        var content = stored.Content ?? await _store.ReadValueAsync(stored, cancellationToken).ConfigureAwait(false);
        try
        {
            return Codec.Decode<T>(stored.Format, content);
        }
        catch (Exception e) when (e is NotSupportedException or JsonException or InvalidOperationException or InvalidCastException)
        {
            throw ValueErrors.Stored(ended.Flow, typeof(T), e);
        }
    }

    /// <summary>Waits until a run has ended, however it ends, and returns its record. A crashed run that is resumed by itself has not ended.</summary>
    /// <param name="run">The run.</param>
    /// <param name="cancellationToken">Ends the wait; the run goes on.</param>
    /// <exception cref="FletcherUsageException">There is no such run.</exception>
    public async Task<FlowRunRecord> WaitForEndAsync(RunId run, CancellationToken cancellationToken = default)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        var waits = _host?.Waits ?? LazyInitializer.EnsureInitialized(ref _waits, () => new RunWaits(_store));
        return await waits.WaitAsync(run, cancellationToken).ConfigureAwait(false)
            ?? throw Missing(run);
    }
}
