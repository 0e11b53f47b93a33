using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Testing;

/// <summary>
/// One life of a process: a host, what runs in it, and its view of the store and of the clock. When it dies, no write of it arrives
/// any more, its timers are gone, and none of its code goes on: a strand hangs where it next meets the engine, so that not even a
/// <c>finally</c> runs. (Where a thread is blocked, an exception frees it.)
/// </summary>
internal sealed class TestProcess : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly IRunStore _behind;
    private readonly TimeSpan _limit;
    private readonly ProcessStore _view;
    private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _buried;
    private volatile bool _isDead;

    internal TestProcess(
        FlowTestOptions options, IRunStore behind, FlowTestTime clock, FaultPlan faults, CrashTrigger crash, ProcessEvents events,
        IRunObserver observer)
    {
        _behind = behind;
        _limit = options.Limit;
        Faults = faults;
        Crash = crash;
        Events = events;
        Time = new ProcessTime(clock);
        _view = new ProcessStore(behind, this);

        var host = new FletcherOptions();
        options.Apply(host);
        host.Store = () => _view;
        host.Time = Time;
        host.Faults = new ProcessFaultPoints(this);
        host.Observers.Add(observer);
        Host = new FletcherHost(host);
        Time.CommitAsync = CommitAsync;
        clock.Changed = Time.Look;
    }

    internal FletcherHost Host { get; }

    /// <summary>What is behind its view of the store; readable after its death.</summary>
    internal IRunStore Store => _behind;

    internal ProcessTime Time { get; }

    internal FaultPlan Faults { get; }

    internal CrashTrigger Crash { get; }

    internal ProcessEvents Events { get; }

    internal bool IsDead => _isDead;

    /// <summary>Completes when it dies.</summary>
    internal Task Died => _died.Task;

    /// <summary>Commits what was recorded so far, if the store takes it.</summary>
    internal async ValueTask CommitAsync()
    {
        try
        {
            await Host.FlushAsync().ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // The test made the store refuse, or the process died now: what is in the store is what there is.
        }
    }

    internal void Die()
    {
        _isDead = true;
        Time.Stop();
        _died.TrySetResult();
    }

    /// <summary>The process is dead: waits until none of its code runs any more, and takes it apart.</summary>
    internal Task BuryAsync()
    {
        lock (_gate)
            return _buried ??= BuryOnceAsync();
    }

    /// <summary>Gives it up: it is dead, and what of its code still runs is left behind.</summary>
    internal Task AbandonAsync()
    {
        Crash.Say("the test gave it up");
        Die();
        lock (_gate)
            return _buried ??= TakeApartAsync();
    }

    /// <summary>Ends it, dead or alive, and closes its store.</summary>
    /// <exception cref="FlowAssertException">It does not come to an end.</exception>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (IsDead)
                await BuryAsync().ConfigureAwait(false);
            else
                await Host.DisposeAsync().AsTask().WaitAsync(_limit, TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            await AbandonAsync().ConfigureAwait(false);
            throw new FlowAssertException($"The host did not stop within {_limit.TotalSeconds:0.#} s. {Busy()}", e);
        }
        finally
        {
            Time.Stop();
            await _behind.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What runs, for people.</summary>
    internal string Busy() => Time.Activity.Busy() is { Count: > 0 } busy ? $"This runs: {string.Join(", ", busy)}." : "Nothing runs.";

    private async Task BuryOnceAsync()
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await IsStillAsync().ConfigureAwait(false))
        {
            if (TimeProvider.System.GetElapsedTime(begun) <= _limit)
                continue;
            await TakeApartAsync().ConfigureAwait(false);
            throw new FlowAssertException(
                $"The simulated process is dead, and code of it still runs after {_limit.TotalSeconds:0.#} s. {Busy()} "
                + "What a step has begun when the process dies is let run to its end; here it does not come to one.");
        }

        await TakeApartAsync().ConfigureAwait(false);
    }

    private async Task TakeApartAsync()
    {
        // They hang for good: the host must not wait for them.
        Host.ForgetRuns();
        try
        {
            await Host.DisposeAsync().ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // What it had not written is lost with it.
        }

        await _view.CutAsync(Time.GetUtcNow()).ConfigureAwait(false);
    }

    private async Task<bool> IsStillAsync()
    {
        var changes = Time.Activity.Changes;
        await Time.Activity.SettleAsync().ConfigureAwait(false);
        return Time.Activity.IsQuiet && changes == Time.Activity.Changes;
    }
}
