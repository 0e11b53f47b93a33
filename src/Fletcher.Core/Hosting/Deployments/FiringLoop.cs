using System.Collections.Concurrent;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// Starts what is due of all deployments. Each host that takes runs has one; which of them starts a firing is up to chance.
/// </summary>
/// <remarks>
/// <para><b>Exactly once.</b> A record is changed only in the version that was read, in one transaction with the runs that are started (<see cref="IDeploymentStore.TryWriteAsync"/>): of two hosts that
/// decide at once, one writes; one that dies before has done nothing. The time up to which firings are decided is in the record, and only grows, so no clock counts but to say when somebody looks.
/// Beside, each run has an idempotency key of deployment and time. docs/decisions/015.</para>
/// <para><b>Cost.</b> It sleeps until the earliest time that is kept, or until somebody says that the store changed, at most once a second; and looks once a minute in any case, as clocks are set and
/// hints are lost. A look is one question to an index, however many deployments there are.</para>
/// </remarks>
internal sealed class FiringLoop(FletcherHost host, IDeploymentStore store) : IAsyncDisposable
{
    private const int AtOnce = 100;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(1);

    // A timer takes no more than some weeks, and it looks anyway.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private readonly Firer _firer = new(host, store);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _again = new();
    private readonly ConcurrentDictionary<(string Deployment, RunId Run), bool> _watched = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _poked = NewSource();
    private TaskCompletionSource _heard = NewSource();
    private Task? _loop;

    /// <summary>Begins to look.</summary>
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

    /// <summary>Looks now.</summary>
    internal void Poke() => Volatile.Read(ref _poked).TrySetResult();

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
        IDisposable? ears = null;
        string? told = null;
        while (!_stopping.IsCancellationRequested)
        {
            // Before the look: what is said during it asks for another one.
            Volatile.Write(ref _poked, NewSource());
            Volatile.Write(ref _heard, NewSource());
            var looked = TimeProvider.System.GetTimestamp();
            DateTimeOffset? next;
            try
            {
                ears ??= host.Store.Listen(() => Volatile.Read(ref _heard).TrySetResult());
                var isMore = await LookAsync().ConfigureAwait(false);
                told = null;
                if (isMore)
                    continue;
                next = await store.GetNextDueAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // A store that is gone may come back; and nothing that one look meets may keep the host from the next.
                if (told != e.Message)
                    host.Observers.Note($"The host cannot look for firings: {e.Message}");
                told = e.Message;
                next = null;
                Volatile.Read(ref _heard).TrySetResult();
            }

            await SleepAsync(next, looked).ConfigureAwait(false);
        }

        ears?.Dispose();
    }

    private async ValueTask SleepAsync(DateTimeOffset? next, long looked)
    {
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var rest = ShortestRest - TimeProvider.System.GetElapsedTime(looked);
        var resting = Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, TimeProvider.System, awake.Token);
        List<Task> wakers = [Volatile.Read(ref _poked).Task, Task.Delay(LookEvery, TimeProvider.System, awake.Token), Task.WhenAll(Volatile.Read(ref _heard).Task, resting)];
        if (next is { } at)
        {
            // What is due and could not be done: another host is about to, or the clocks differ.
            var left = at - host.Now;
            wakers.Add(left <= TimeSpan.Zero ? resting : Task.Delay(left < LongestSleep ? left : LongestSleep, host.Time, awake.Token));
        }

        // Whoever stops the host ends the delays.
        await Task.WhenAny(wakers).ConfigureAwait(false);
        await awake.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Looks once; true when there is more to do at once.</summary>
    private async ValueTask<bool> LookAsync()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (_again.TryDequeue(out var name))
            names.Add(name);
        foreach (var name in names)
        {
            if (await store.GetAsync(name, _stopping.Token).ConfigureAwait(false) is { } record)
                await FireAsync([record]).ConfigureAwait(false);
        }

        var due = await store.GetDueAsync(host.Now, AtOnce, _stopping.Token).ConfigureAwait(false);
        return due.Count > 0 && await FireAsync(due).ConfigureAwait(false);
    }

    private async ValueTask<bool> FireAsync(IReadOnlyList<DeploymentRecord> due)
    {
        var written = await _firer.FireAsync(due, _stopping.Token).ConfigureAwait(false);
        foreach (var record in written)
            Watch(record);
        return written.Count > 0;
    }

    /// <summary>Looks at a deployment again as soon as a run has ended that others of it wait for.</summary>
    private void Watch(DeploymentRecord record)
    {
        var runs = (record.Waiting.Count > 0 ? record.Open : []).Concat(record.Backfill?.Open ?? []);
        foreach (var run in runs)
        {
            if (_watched.TryAdd((record.Name, run), true))
                _ = WatchAsync(record.Name, run);
        }
    }

    private async Task WatchAsync(string deployment, RunId run)
    {
        try
        {
            await host.Waits.WaitAsync(run, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The host stops, or the store is gone: somebody looks within a minute (FiringDecision.LookAgain).
            return;
        }
        finally
        {
            _watched.TryRemove((deployment, run), out _);
        }

        _again.Enqueue(deployment);
        Poke();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
