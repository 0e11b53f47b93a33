using System.Collections.Concurrent;
using System.Reflection;
using Fletcher.Diagnosis;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Fletcher.Hosting;

/// <summary>What the engine asks of its host about runs and their owners.</summary>
public sealed partial class FletcherHost
{
    private static readonly TimeSpan OwnersGrace = TimeSpan.FromSeconds(1);

    // The runs that a call in this process has or is about to have, and how many do; they are not lost although no host executes them yet.
    private readonly ConcurrentDictionary<RunId, int> _owned = new();
    private readonly TaskCompletionSource _disowned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _leaks;
    private readonly ConcurrentDictionary<Assembly, FlowCatalog> _around = new();
    private FlowCatalog? _steps;

    /// <summary>How many steps and flows were left behind at their time limit and still run.</summary>
    public int LeakCount => Volatile.Read(ref _leaks);

    /// <summary>Keeps an exception, with the step run that first threw it.</summary>
    internal ErrorRecord Capture(Exception error, Cause cause) => ErrorCapture.Capture(error, cause.Run, cause.Sequence, _classifier);

    /// <summary>Counts code that goes on after its time limit, until it stops.</summary>
    internal void NoteLeak(string method, Task work)
    {
        Interlocked.Increment(ref _leaks);
        Observers.Note($"'{method}' does not heed its cancellation token; it still runs and is left behind.");
        _ = work.ContinueWith(
            done =>
            {
                _ = done.Exception; // observed: nobody waits for it any more
                Interlocked.Decrement(ref _leaks);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>
    /// A step of the program by its name; null when it has none such. First where the host takes its flows from, then around the code that makes the call: a program may load
    /// its flows when it runs.
    /// </summary>
    internal StepDefinition? FindStep(string step, Call call) => (Catalog ?? Steps).FindStep(step) ?? Around(call).FindStep(step);

    /// <summary>Services for one call; null in a program that has none. Disposed by who makes the call.</summary>
    internal AsyncServiceScope? CreateServices() => _options.Services?.CreateAsyncScope();

    private FlowCatalog Steps => LazyInitializer.EnsureInitialized(ref _steps, () => new FlowCatalog(_options.FlowAssemblies))!;

    private FlowCatalog Around(Call call) => _around.GetOrAdd(call.GetType().Assembly, FlowCatalog.Around);

    /// <summary>Takes a run for the calling code; false when other code in this process has it.</summary>
    internal bool TryOwn(RunId run) => _owned.TryAdd(run, 1);

    /// <summary>Takes a run that the store has given to this host, whoever else in this process still has it under an older lease.</summary>
    internal void Own(RunId run) => _owned.AddOrUpdate(run, 1, static (_, owners) => owners + 1);

    /// <summary>Lets go of a run that was taken with one of the above.</summary>
    internal void Disown(RunId run)
    {
        while (_owned.TryGetValue(run, out var owners))
        {
            if (owners > 1 ? _owned.TryUpdate(run, owners - 1, owners) : _owned.TryRemove(KeyValuePair.Create(run, owners)))
                break;
        }

        if (IsStopping && _owned.IsEmpty)
            _disowned.TrySetResult();
    }

    /// <summary>Forgets every run here: the host stands for a process that is dead, and must not wait for what hangs in it.</summary>
    internal void ForgetRuns()
    {
        _executions.Clear();
        _owned.Clear();
    }

    /// <summary>
    /// Waits for the runs that were about to begin when the host was told to stop: they hand themselves over. Not for long, as what does not
    /// stop has been waited for before.
    /// </summary>
    private async Task WaitForOwnersAsync(CancellationToken hurry)
    {
        if (!_owned.IsEmpty)
            await _disowned.Task.WaitAsync(OwnersGrace, TimeProvider.System, hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    internal bool Owns(RunId run) => _owned.ContainsKey(run);

    /// <summary>Whether nobody executes the run or will do so by himself, although it has not ended.</summary>
    internal async ValueTask<bool> IsLostAsync(FlowRunRecord run)
    {
        if (run.State is FlowRunState.Crashed)
            return true;
        if (run.State.IsEnd())
            return false;
        if (run.HostId is { } owner)
            return owner == Id ? !Owns(run.Id) && !_executions.ContainsKey(run.Id) : !await Watch.IsAliveAsync(owner).ConfigureAwait(false);

        // Nobody executes it. The call that waits for it goes on with it; a run that no call waits for has a host that takes it.
        if (run.CallerHostId is not { } caller)
            return run.State == FlowRunState.Queued && await IsAskedForAsync(run.Id).ConfigureAwait(false);
        return caller == Id ? !Owns(run.Id) && !Parked.Has(run.Id) : !await Watch.IsAliveAsync(caller).ConfigureAwait(false);
    }

    /// <summary>Whether somebody asked for the run, and nobody has gone on with it since: then whoever calls its flow may.</summary>
    private async ValueTask<bool> IsAskedForAsync(RunId run) =>
        (await Store.GetUntakenAsync(run, CancellationToken.None).ConfigureAwait(false)).Any(message => message.Kind == MessageKind.Retry);
}
