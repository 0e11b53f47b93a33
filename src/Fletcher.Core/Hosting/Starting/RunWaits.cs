using System.Collections.Concurrent;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// Those who wait for the end of runs that somebody else executes. One loop looks for all of them, many with one question, when the store says that something was written and now and then,
/// and rests after each look in proportion to what it cost: ten thousand who wait do not keep the store busy. A run that somebody begins to wait for, and one that was executed in this
/// process when its execution is over, are looked for at once. It looks in real time, as other processes write in real time.
/// </summary>
internal sealed class RunWaits(IRunStore store)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StoreAgain = TimeSpan.FromSeconds(1);

    /// <summary>A look may take this share of the time, one in so many.</summary>
    private const int Share = 10;

    /// <summary>So many runs are looked for in one question to the store.</summary>
    private const int AtOnce = 1_000;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<RunId, Waiting> _waits = new();
    private readonly ConcurrentQueue<RunId> _soon = new();
    private TaskCompletionSource _heard = NewSource();
    private TimeSpan _rest;
    private long _sweptAt;
    private bool _looks;

    /// <summary>Waits for the end of a run; null when it is not in the store any more.</summary>
    internal async Task<FlowRunRecord?> WaitAsync(RunId run, CancellationToken cancellationToken)
    {
        Waiting waiting;
        lock (_gate)
        {
            waiting = _waits.GetOrAdd(run, static _ => new Waiting());
            waiting.Count++;
            if (!_looks)
            {
                _looks = true;
                using var apart = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
                _ = Task.Run(LookAsync, CancellationToken.None);
            }
        }

        _soon.Enqueue(run);
        Hear();
        try
        {
            return await waiting.Source.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                if (--waiting.Count == 0)
                    _waits.TryRemove(KeyValuePair.Create(run, waiting));
            }
        }
    }

    /// <summary>An execution of the run here is over: it has ended, or is parked.</summary>
    internal void NoteLeft(RunId run)
    {
        if (!_waits.ContainsKey(run))
            return;
        _soon.Enqueue(run);
        Hear();
    }

    private async Task LookAsync()
    {
        using var ears = store.Listen(Hear);
        while (true)
        {
            Volatile.Write(ref _heard, NewSource()); // before the look: what is heard during it asks for another one
            var rest = LookEvery;
            try
            {
                await LookSoonAsync().ConfigureAwait(false);
                if (TimeProvider.System.GetElapsedTime(_sweptAt) >= _rest)
                    await SweepAsync().ConfigureAwait(false);
                else
                    rest = _rest;
            }
            catch (StoreUnavailableException)
            {
                rest = StoreAgain; // it may come back
            }
            catch (Exception e)
            {
                // The store was closed, or is broken in a way that does not pass.
                Fail(e);
            }

            lock (_gate)
            {
                if (_waits.IsEmpty)
                {
                    _looks = false;
                    return;
                }
            }

            await Volatile.Read(ref _heard).Task.WaitAsync(rest, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Looks for all; then not again for some time.</summary>
    private async Task SweepAsync()
    {
        var cost = TimeSpan.Zero;
        foreach (var some in _waits.Keys.Chunk(AtOnce))
            cost += await LookAsync(some).ConfigureAwait(false);
        _sweptAt = TimeProvider.System.GetTimestamp();
        _rest = cost * (Share - 1);
    }

    /// <summary>Looks for those that somebody has just begun to wait for, or that have just left this process.</summary>
    private async Task LookSoonAsync()
    {
        List<RunId> soon = [];
        while (_soon.TryDequeue(out var run))
            soon.Add(run);
        foreach (var some in soon.Chunk(AtOnce))
        {
            try
            {
                await LookAsync(some).ConfigureAwait(false);
            }
            catch (StoreUnavailableException)
            {
                soon.ForEach(_soon.Enqueue);
                throw;
            }
        }
    }

    /// <summary>Returns what it took to look; to read those that are over is done once for each.</summary>
    private async Task<TimeSpan> LookAsync(RunId[] runs)
    {
        var began = TimeProvider.System.GetTimestamp();
        var over = await store.FindOverAsync(runs, CancellationToken.None).ConfigureAwait(false);
        var cost = TimeProvider.System.GetElapsedTime(began);
        foreach (var run in over)
        {
            if (!_waits.TryGetValue(run, out var waiting))
                continue;
            var record = await store.GetFlowRunAsync(run, CancellationToken.None).ConfigureAwait(false);
            if (record is not { IsOver: false })
                End(run, waiting).TrySetResult(record);
        }

        return cost;
    }

    private void Fail(Exception error)
    {
        foreach (var (run, waiting) in _waits)
            End(run, waiting).TrySetException(error);
    }

    /// <summary>Takes it out first: who waits for the run from now on looks anew.</summary>
    private TaskCompletionSource<FlowRunRecord?> End(RunId run, Waiting waiting)
    {
        lock (_gate)
            _waits.TryRemove(KeyValuePair.Create(run, waiting));
        return waiting.Source;
    }

    private void Hear() => Volatile.Read(ref _heard).TrySetResult();

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Waiting
    {
        internal int Count { get; set; }

        internal TaskCompletionSource<FlowRunRecord?> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
