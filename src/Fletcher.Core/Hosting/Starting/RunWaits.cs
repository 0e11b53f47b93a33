using System.Collections.Concurrent;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// Those who wait for the end of runs that somebody else executes. One loop looks for all of them, when the store says that something was written and now and then, and rests after each
/// look in proportion to what it cost: ten thousand who wait do not keep the store busy. A run that was executed in this process is looked for when its execution is over. It looks in real
/// time, as other processes write in real time.
/// </summary>
internal sealed class RunWaits(IRunStore store)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StoreAgain = TimeSpan.FromSeconds(1);

    /// <summary>A look may take this share of the time, one in so many.</summary>
    private const int Share = 10;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<RunId, Waiting> _waits = new();
    private readonly ConcurrentQueue<RunId> _left = new();
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

        Hear(); // one that was added behind a look is looked for at once
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
        _left.Enqueue(run);
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
                while (_left.TryDequeue(out var left))
                {
                    if (_waits.TryGetValue(left, out var waiting))
                        await LookAsync(left, waiting).ConfigureAwait(false);
                }

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
        var began = TimeProvider.System.GetTimestamp();
        foreach (var (run, waiting) in _waits)
            await LookAsync(run, waiting).ConfigureAwait(false);
        _sweptAt = TimeProvider.System.GetTimestamp();
        _rest = TimeProvider.System.GetElapsedTime(began, _sweptAt) * (Share - 1);
    }

    private async Task LookAsync(RunId run, Waiting waiting)
    {
        var record = await store.GetFlowRunAsync(run, CancellationToken.None).ConfigureAwait(false);
        if (record is not { IsOver: false })
            End(run, waiting).TrySetResult(record);
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
