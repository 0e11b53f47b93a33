using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// What a host looks for in the store while it is busy: messages to its runs, runs that are due, and hosts that have died. Everything it
/// asks is a range of an index, so a look costs some microseconds however many runs there are. It looks in real time, as other processes
/// write in real time.
/// </summary>
internal sealed class HostLoop(FletcherHost host) : IAsyncDisposable
{
    /// <summary>How often to look for what other processes write; what this process writes is told at once.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan WatchEvery = TimeSpan.FromMilliseconds(500);
    private const int MessagesAtOnce = 1000;
    private const int ClaimsAtOnce = 100;

    /// <summary>So many runs that nobody here called are executed at the same time; the others wait in the store.</summary>
    private const int MostServed = 1000;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private Task? _loop;
    private long _watchedAt;
    private int _served;
    private volatile bool _stopped;

    /// <summary>Begins to look; it ends by itself when the host has nothing to do.</summary>
    internal void Start()
    {
        lock (_gate)
        {
            if (_stopped || _loop is not null)
                return;

            // Without the context of the flow that happens to be the first: it would be kept alive, and go on to the runs that the loop serves.
            using var apart = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
            host.Health.Looked();
            _loop = Task.Run(LoopAsync);
        }
    }

    /// <summary>Looks now.</summary>
    internal void Poke()
    {
        lock (_gate)
        {
            if (_wake.CurrentCount == 0)
                _wake.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? loop;
        lock (_gate)
        {
            _stopped = true;
            loop = _loop;
        }

        Poke();
        if (loop is not null)
            await loop.ConfigureAwait(false);
    }

    private async Task LoopAsync()
    {
        string? told = null;
        while (true)
        {
            lock (_gate)
            {
                if (_stopped || !host.IsBusy)
                {
                    _loop = null;
                    return;
                }
            }

            var isMore = false;
            try
            {
                isMore = await BeatAsync().ConfigureAwait(false);
                told = null;
                host.Health.Looked();
            }
            catch (Exception e)
            {
                // A store that is gone may come back; and nothing that one look meets may keep the host from the next.
                if (told != e.Message)
                    host.Observers.Note($"The host cannot look for messages and runs: {e.Message}");
                told = e.Message;
                host.Health.LookFailed(e);
            }

            if (!isMore)
                await _wake.WaitAsync(Period).ConfigureAwait(false);
        }
    }

    /// <summary>Looks once; true when there is more to do at once.</summary>
    private async ValueTask<bool> BeatAsync()
    {
        var isMore = await ReadMessagesAsync().ConfigureAwait(false);
        if (TimeProvider.System.GetElapsedTime(_watchedAt) >= WatchEvery)
        {
            _watchedAt = TimeProvider.System.GetTimestamp();
            await host.ReadPausedAsync().ConfigureAwait(false);
            if (host.TakesRuns)
                await host.Watch.BeatAsync().ConfigureAwait(false);
        }

        isMore |= await ClaimDueAsync().ConfigureAwait(false);
        isMore |= await host.Parked.BeatAsync().ConfigureAwait(false);
        return isMore;
    }

    private async ValueTask<bool> ReadMessagesAsync()
    {
        var messages = await host.Store.GetMessagesAsync(host.LastMessage, MessagesAtOnce, CancellationToken.None).ConfigureAwait(false);
        foreach (var message in messages)
        {
            host.FindExecution(message.RootRunId)?.Tell(message);
            host.Parked.Wake(message);

            // Only now: a run that is parked before this line has seen the message, and one that is parked behind it is woken by the store.
            host.LastMessage = message.Number;
        }

        return messages.Count == MessagesAtOnce;
    }

    private async ValueTask<bool> ClaimDueAsync()
    {
        if (!host.TakesRuns || host.IsStopping || Volatile.Read(ref _served) is var served && served >= MostServed)
            return false;
        var limit = Math.Min(ClaimsAtOnce, MostServed - served);
        var claimed = await ClaimDueAsync(limit).ConfigureAwait(false);
        foreach (var run in claimed)
        {
            host.Own(run.Run.Id);
            host.ForgetLost(run.Run.Id);
            if (!host.Parked.Give(run))
                Serve(run);
        }

        return claimed.Count == limit;
    }

    private async ValueTask<IReadOnlyList<ClaimedRun>> ClaimDueAsync(int limit)
    {
        try
        {
            return await host.Store.ClaimDueAsync(host.Id, host.Identity.Flows, host.Now, limit, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            host.MayHaveLostRuns = true; // those that it has claimed, if its answer is all that was lost
            throw;
        }
    }

    /// <summary>Executes a run that the host has claimed and owns.</summary>
    internal void Serve(ClaimedRun claimed)
    {
        Interlocked.Increment(ref _served);
        _ = Task.Run(async () =>
        {
            try
            {
                await host.ServeAsync(claimed).ConfigureAwait(false);
            }
            finally
            {
                if (Interlocked.Decrement(ref _served) == MostServed - 1)
                    Poke();
            }
        });
    }
}
