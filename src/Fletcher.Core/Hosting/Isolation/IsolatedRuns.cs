using System.Collections.Concurrent;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Hosting;

/// <summary>The runs of this host that processes of their own execute.</summary>
internal sealed class IsolatedRuns(FletcherHost host, FletcherOptions options) : IDisposable
{
    private readonly ConcurrentDictionary<Guid, RunProcess> _processes = new();
    private readonly SemaphoreSlim _slots = new(options.MaxProcesses);
    private int _isVolatileTold;

    internal bool IsEmpty => _processes.IsEmpty;

    internal int Count => _processes.Count;

    /// <summary>How many more processes there may be now.</summary>
    internal int Room => Math.Max(0, options.MaxProcesses - _processes.Count);

    /// <summary>The runs, for messages to people.</summary>
    internal IEnumerable<(RunId Id, FlowDefinition Flow)> Runs => _processes.Values.Select(process => (process.Run.Id, process.Flow));

    /// <summary>Whether this is the host of a process that is watched here: who watches it knows more of its death than anybody else.</summary>
    internal bool Has(Guid child) => _processes.ContainsKey(child);

    /// <summary>Whether a run of this flow that is no sub-flow gets a process of its own.</summary>
    internal bool Takes(FlowDefinition flow, RunId run)
    {
        // In a test with simulated processes, the processes are the test's.
        if (flow.Isolation == Isolation.None || host.Faults is not null || options.IsolatedRun?.Run == run)
            return false;
        if (!host.Store.IsVolatile)
            return true;
        if (Interlocked.Exchange(ref _isVolatileTold, 1) == 0)
            host.Observers.Note($"'{flow.Id}' runs in this process: its store is in memory, which no other process sees.");
        return false;
    }

    /// <summary>Whether there are only as many runs of this flow at the same time as there may be processes.</summary>
    internal bool Bounds(FlowDefinition flow) => flow.Isolation != Isolation.None && host.Faults is null && !host.Store.IsVolatile;

    /// <summary>Makes sure that a run of this flow could be executed here.</summary>
    /// <exception cref="FletcherUsageException">It has to have a process of its own, and cannot.</exception>
    internal void Check(FlowDefinition flow, RunId run)
    {
        if (!Takes(flow, run))
            return;
        if (options.ProcessStart == ProcessStart.None)
        {
            throw new FletcherUsageException(
                "FLT1430",
                $"Flow '{flow.Id}' runs in a process of its own, and a new process cannot make this host, which the program's code made. "
                + "Use services.AddFletcher(…), or call the flow without a host of your own, or set Isolation = Isolation.None.");
        }

        if (flow.Bind is null)
        {
            throw new FletcherUsageException(
                "FLT1431", $"Flow '{flow.Id}' runs in a process of its own, which would call it by name. That is not possible for a generic flow, or one that takes a delegate.");
        }

        _ = flow.Policy; // its texts are read here, and not when the run has begun
    }

    /// <summary>Executes a run that this host has in a process of its own, and returns when that has left it.</summary>
    /// <param name="run">The run, in this host's hands.</param>
    /// <param name="seen">The ticket of its record.</param>
    /// <param name="flow">Its flow.</param>
    /// <param name="isAskedFor">Whether a person asked for this execution.</param>
    /// <param name="isServed">Whether the host took it by itself, so that it counts among those that it executes at the same time.</param>
    /// <param name="caller">Cancelled when the calling code does not want it any more.</param>
    /// <returns>The run as it was left.</returns>
    internal async Task<FlowRunRecord> ExecuteAsync(FlowRunRecord run, long seen, FlowDefinition flow, bool isAskedFor, bool isServed, CancellationToken caller)
    {
        await host.Writer.CommitAsync(seen).ConfigureAwait(false);
        host.Observers.FlowRunChanged(run, flow);
        var process = new RunProcess(host, options, run, flow, isAskedFor);
        _processes[process.Id] = process;
        host.WakeUp();
        if (host.IsStopping)
            process.Stop(host.EndReason ?? "its host stops");

        // Apart from the code that called the flow: what the process writes is not written by it.
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
            _ = Task.Run(() => SuperviseAsync(process, isServed), CancellationToken.None);
        using var unwanted = caller.UnsafeRegister(static process => ((RunProcess)process!).Cancel(), process);
        return await process.WhenLeft.ConfigureAwait(false);
    }

    /// <summary>Tells every process to hand its run over, and returns when all have ended.</summary>
    internal async Task StopAsync(string reason, CancellationToken hurry)
    {
        // One that was being started when the host was told to stop may come behind the others.
        while (_processes.Values.ToList() is { Count: > 0 } processes)
        {
            foreach (var process in processes)
                process.Stop(reason);
            using var hurried = hurry.UnsafeRegister(static processes => ((List<RunProcess>)processes!).ForEach(process => process.Hurry()), processes);
            await Task.WhenAll(processes.Select(process => process.WhenOver)).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until no process is left.</summary>
    internal async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (_processes.Values.FirstOrDefault() is { } process)
            await process.WhenOver.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _slots.Dispose();

    private async Task SuperviseAsync(RunProcess process, bool isServed)
    {
        var hasSlot = false;
        try
        {
            // Who is told to stop does not wait for others to end.
            hasSlot = await WaitForSlotAsync(process, isServed).ConfigureAwait(false);
            if (hasSlot)
                await process.SuperviseAsync().ConfigureAwait(false);
            else
                await process.PutBackAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            process.Fail(e);
        }
        finally
        {
            if (hasSlot)
                _slots.Release();
            _processes.TryRemove(process.Id, out _);
            process.End();

            // There is room for another one, which this host may not have taken for want of it.
            if (hasSlot && host.TakesRuns)
                host.Loop.Poke();
        }
    }

    /// <summary>Waits until there may be one process more; the host takes another run meanwhile. False when it is told to stop before.</summary>
    private async ValueTask<bool> WaitForSlotAsync(RunProcess process, bool isServed)
    {
        var slot = process.WaitForAsync(_slots);
        if (slot.IsCompleted || !isServed)
            return await slot.ConfigureAwait(false);
        host.Loop.GiveWay(true);
        try
        {
            return await slot.ConfigureAwait(false);
        }
        finally
        {
            host.Loop.GiveWay(false);
        }
    }
}
