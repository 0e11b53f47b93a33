using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// What a host looks for in the store while it is busy: messages to its runs, runs that are due, and hosts that have died. Everything it
/// asks is a range of an index, so a look costs some microseconds however many runs there are. It looks when the store says that something was written, when a run
/// becomes due, and now and then: what the store says is only a hint. It looks in real time, as other processes write in real time.
/// </summary>
internal sealed class HostLoop(FletcherHost host) : IAsyncDisposable
{
    private static readonly TimeSpan WatchEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>How often to look when nobody calls: as often as at other hosts.</summary>
    private static readonly TimeSpan Period = WatchEvery;

    /// <summary>How often to look while the store is not listened to. And the clock of a test moves without a word, and what is due by it should not wait long.</summary>
    private static readonly TimeSpan ShortPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>A program that runs a flow of its own is mostly done by then: to listen costs a thread, and milliseconds of its start.</summary>
    private static readonly TimeSpan ListenAfter = TimeSpan.FromSeconds(1);

    /// <summary>A run may be due and yet not to be had for a moment: then the loop does not run hot.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(10);

    private const int MessagesAtOnce = 1000;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private Task? _loop;
    private long _watchedAt;
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
        IDisposable? ears = null;
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            lock (_gate)
            {
                if (_stopped || !host.IsBusy)
                {
                    ears?.Dispose();
                    _loop = null;
                    return;
                }
            }

            var wait = ShortPeriod;
            try
            {
                if (ears is null && (host.TakesRuns || TimeProvider.System.GetElapsedTime(began) >= ListenAfter))
                    ears = host.Store.Listen(Poke);
                wait = await BeatAsync().ConfigureAwait(false) ? TimeSpan.Zero : await FindWaitAsync(ears is not null).ConfigureAwait(false);
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

            if (wait > TimeSpan.Zero)
                await _wake.WaitAsync(wait).ConfigureAwait(false);
        }
    }

    /// <summary>For how long nothing is to be done, unless somebody calls.</summary>
    private async ValueTask<TimeSpan> FindWaitAsync(bool isListening)
    {
        if (host.Intake.FindGathering() is var gathering && gathering > TimeSpan.Zero)
            return gathering;
        if (!isListening || host.Time != TimeProvider.System)
            return ShortPeriod;
        if (host.Intake.Next() is not { } request || await host.Store.GetNextWakeAsync(request, CancellationToken.None).ConfigureAwait(false) is not { } next)
            return Period;
        var left = next - host.Now;
        return left > Period ? Period : left > ShortestWait ? left : ShortestWait;
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
        if (host.Intake.Next() is not { } request)
            return false;
        var claimed = await ClaimDueAsync(request).ConfigureAwait(false);
        host.Intake.Note(claimed);
        foreach (var run in claimed)
        {
            host.Own(run.Run.Id);
            host.ForgetLost(run.Run.Id);
            if (!host.Parked.Give(run))
                Serve(run);
        }

        return claimed.Count == request.Limit;
    }

    private async ValueTask<IReadOnlyList<ClaimedRun>> ClaimDueAsync(ClaimRequest request)
    {
        try
        {
            return await host.Store.ClaimDueAsync(request, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            host.MayHaveLostRuns = true; // those that it has claimed, if its answer is all that was lost
            throw;
        }
    }

    /// <summary>A run that the loop serves only waits for a limit or a process, so another one may be served meanwhile; or it goes on.</summary>
    internal void GiveWay(bool givesWay)
    {
        if (host.Intake.GiveWay(givesWay))
            Poke();
    }

    /// <summary>Executes a run that the host has claimed and owns.</summary>
    internal void Serve(ClaimedRun claimed)
    {
        host.Intake.Enter(claimed.Run.Flow);
        _ = Task.Run(async () =>
        {
            try
            {
                await host.ServeAsync(claimed).ConfigureAwait(false);
            }
            finally
            {
                if (host.Intake.Leave(claimed.Run.Flow))
                    Poke();
            }
        });
    }
}
