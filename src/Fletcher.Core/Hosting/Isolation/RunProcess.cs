using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// A process that executes one run, watched by the host that started it. All of it is real time: a process is.
/// </summary>
/// <remarks>
/// The run is the parent's until the process claims it, under a fence of its own. From there the parent writes nothing of it but the lines that the process said and, when that is dead, its death, which
/// is a compare-and-swap like anybody's. So it does not matter whether the process dies before it has the run, with it, or when it has just left it; nor if another host has seen its death first. tests/Fletcher.EndToEnd/Isolation attacks this.
/// </remarks>
internal sealed class RunProcess(FletcherHost host, FletcherOptions options, FlowRunRecord run, FlowDefinition flow, bool isAskedFor)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>How long the program may take until it claims its run. It is for a program that never comes to it, not for a slow machine.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    /// <summary>How much longer than the flow's Timeout the process may go on, to stop its code and to write how the run ended.</summary>
    private static readonly TimeSpan TimeoutGrace = TimeSpan.FromSeconds(5);

    /// <summary>How much longer than the time that its steps have to stop.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan OutputLimit = TimeSpan.FromSeconds(2);

    /// <summary>For so long the end of the process is waited for when it has left its run, so that all that it said is there before the result is.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<FlowRunRecord> _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProcessOutput _output = new(host, run);
    private Process? _process;
    private string? _killedFor;
    private ErrorRecord? _endsWith;
    private string? _stopReason;
    private long _stopAt = long.MaxValue;
    private long _cancelledBy = long.MaxValue;

    /// <summary>The process's host.</summary>
    internal Guid Id { get; } = Guid.CreateVersion7(host.Now);

    internal FlowRunRecord Run => run;

    internal FlowDefinition Flow => flow;

    /// <summary>The run when the process has left it, however that was.</summary>
    internal Task<FlowRunRecord> WhenLeft => _left.Task;

    /// <summary>Completes when the process is gone and all that is to be written about it is.</summary>
    internal Task WhenOver => _over.Task;

    /// <summary>Waits for its turn. False when it is told to stop before.</summary>
    internal async Task<bool> WaitForAsync(SemaphoreSlim slots)
    {
        using var given = new CancellationTokenSource();
        var turn = slots.WaitAsync(given.Token);
        if (await Task.WhenAny(turn, _told.Task).ConfigureAwait(false) != turn)
            await given.CancelAsync().ConfigureAwait(false);
        await turn.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return turn.IsCompletedSuccessfully; // it may have come in the same moment
    }

    /// <summary>Gives a run back that no process was started for.</summary>
    internal async Task PutBackAsync()
    {
        await host.TryReplaceAsync(run, run with { State = FlowRunState.Queued, HostId = null, WakeAt = FlowRunRecord.AtOnce, Reason = _stopReason }).ConfigureAwait(false);
        _left.TrySetResult(await ReadAsync().ConfigureAwait(false));
    }

    /// <summary>Starts the process and stays with it to its end.</summary>
    internal async Task SuperviseAsync()
    {
        using var process = ProgramStart.Prepare();
        new IsolatedRun(run.Id, run.Fence, host.Id, Id, options.ProcessStart, isAskedFor).Write(process.StartInfo.Environment, flow.Policy.MemoryLimit);
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            await SettleAsync($"a process for it could not be started: {e.Message}").ConfigureAwait(false);
            return;
        }

        lock (_gate)
        {
            _process = process;
            if (_stopReason is not null)
                TellToStop();
        }

        try
        {
            var said = Task.WhenAll(_output.ReadAsync(process.StandardOutput, false), _output.ReadAsync(process.StandardError, true));
            await WatchAsync(process).ConfigureAwait(false);

            // What it started itself may hold its output open, and is not waited for.
            await said.WaitAsync(OutputLimit, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _output.KeepAsync().ConfigureAwait(false);
            await SettleAsync(Describe(process)).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                _process = null;
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The host stops: the process is to hand its run over and to end.</summary>
    internal void Stop(string reason)
    {
        lock (_gate)
        {
            if (_stopReason is not null)
                return;
            _stopReason = reason;
            _stopAt = After(host.ShutdownGrace + StopGrace);
            TellToStop();
        }

        _told.TrySetResult();
    }

    /// <summary>There is no time left to stop in good order.</summary>
    internal void Hurry()
    {
        lock (_gate)
            _stopAt = Math.Min(_stopAt, After(StopGrace));
    }

    /// <summary>The calling code does not want the run any more.</summary>
    internal void Cancel() => _ = CancelAsync();

    internal void Fail(Exception error) => _left.TrySetException(error);

    internal void End() => _over.TrySetResult();

    private static long After(TimeSpan time) => Environment.TickCount64 + (long)time.TotalMilliseconds;

    private async Task CancelAsync()
    {
        try
        {
            await host.Client.CancelAsync(run.Id, "the caller's token was cancelled", CancellationToken.None).ConfigureAwait(false);
            Volatile.Write(ref _cancelledBy, After(host.CancelGrace + TimeoutGrace));
        }
        catch (Exception e) when (e is FletcherException or ObjectDisposedException)
        {
            host.Observers.Note($"Flow run {run.Id} could not be cancelled: {e.Message}"); // it has ended, or the store is not there
        }
    }

    /// <summary>Closes the process's input, which it watches, as it also finds it closed when this process dies. Called under the lock.</summary>
    private void TellToStop()
    {
        try
        {
            _process?.StandardInput.WriteLine(_stopReason);
            _process?.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            _ = e; // it has ended by itself
        }
    }

    private async Task WatchAsync(Process process)
    {
        var exit = process.WaitForExitAsync(CancellationToken.None);
        var startBy = After(StartLimit);
        long? answerBy = null;
        var endBy = flow.Policy.Timeout is { } timeout ? After(TimeLeft(timeout) + TimeoutGrace) : long.MaxValue;
        while (!exit.IsCompleted)
        {
            await Task.WhenAny(exit, Task.Delay(LookEvery, TimeProvider.System, CancellationToken.None)).ConfigureAwait(false);
            if (exit.IsCompleted)
                break;
            WatchMemory(process);
            await _output.KeepAsync().ConfigureAwait(false);
            if (Environment.TickCount64 > _stopAt)
                Kill(process, string.Create(CultureInfo.InvariantCulture, $"was killed, as it did not stop within {host.ShutdownGrace + StopGrace}"));
            if (await TryReadAsync().ConfigureAwait(false) is not { } now)
                continue;
            if (HasLeft(now))
                answerBy ??= After(Patience);
            if (Environment.TickCount64 > answerBy)
                _left.TrySetResult(now);
            if (answerBy is not null)
                continue;
            if (!HasTaken(now) && Environment.TickCount64 > startBy)
                Kill(process, $"was killed, as it had not come to its run within {StartLimit}");
            else if (HasTaken(now) && !now.IsUndoing && Environment.TickCount64 > endBy)
                KillLate(process);
            else if (HasTaken(now) && !now.IsUndoing && Environment.TickCount64 > Volatile.Read(ref _cancelledBy))
                Kill(process, "was killed, as it did not end when its caller cancelled it");
        }
    }

    private TimeSpan TimeLeft(TimeSpan timeout)
    {
        if (run.ExpiresAt is not { } at || isAskedFor)
            return timeout;
        var left = at - host.Now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void WatchMemory(Process process)
    {
        if (flow.Policy.MemoryLimit is not { } limit || _killedFor is not null)
            return;
        try
        {
            process.Refresh();
            if (process.WorkingSet64 is var size && size > limit)
                Kill(process, $"was killed at its memory limit: it had {MemorySize.Say(size)}, and its MemoryLimit is {flow.MemoryLimit}");
        }
        catch (InvalidOperationException)
        {
            // It has just ended.
        }
    }

    private void KillLate(Process process)
    {
        var message = $"Flow '{flow.Id}' took longer than its Timeout of {flow.Timeout}. Its process did not end by itself and was killed.";
        _endsWith = new ErrorRecord { Type = typeof(StepTimeoutException).FullName!, Message = message, Class = FailureClass.Timeout };
        Kill(process, $"was killed, as the flow's Timeout of {flow.Timeout} was up");
    }

    private void Kill(Process process, string why)
    {
        if (_killedFor is not null)
            return;
        _killedFor = why;
        process.Kill(entireProcessTree: true);
    }

    /// <summary>How the process ended, for the death note.</summary>
    private string Describe(Process process)
    {
        var who = string.Create(CultureInfo.InvariantCulture, $"its process {process.Id} on {host.Identity.Machine}");
        if (_killedFor is not null)
            return $"{who} {_killedFor}";
        var kills = DeathNote.ReadOutOfMemoryKills(host.Identity.ControlGroup) > host.Identity.OutOfMemoryKills
            ? "; the kernel killed a process of its control group for lack of memory meanwhile"
            : "";
        return $"{who} {DeathNote.SayExit(process.ExitCode)}{kills}";
    }

    /// <summary>The process is gone. If the run is still in its hands, it died with it.</summary>
    private async Task SettleAsync(string note)
    {
        var now = await ReadAsync().ConfigureAwait(false);
        if (!HasLeft(now))
        {
            if (await host.Store.GetHostAsync(Id, CancellationToken.None).ConfigureAwait(false) is { EndedAt: null } child)
                await host.Store.PutHostAsync(child with { EndedAt = host.Now, EndReason = note }, CancellationToken.None).ConfigureAwait(false);
            await _output.KeepLostAsync().ConfigureAwait(false);
            await host.Watch.ReleaseAsync(now, note, _endsWith).ConfigureAwait(false);
            now = await ReadAsync().ConfigureAwait(false);
        }

        _left.TrySetResult(now);
    }

    /// <summary>Whether neither this host nor the process has the run any more.</summary>
    private bool HasLeft(FlowRunRecord now) => !HasTaken(now) && (now.HostId != host.Id || now.Fence != run.Fence);

    private bool HasTaken(FlowRunRecord now) => now.HostId == Id;

    private async ValueTask<FlowRunRecord> ReadAsync() =>
        await host.Store.GetFlowRunAsync(run.Id, CancellationToken.None).ConfigureAwait(false) ?? run with { HostId = null };

    private async ValueTask<FlowRunRecord?> TryReadAsync()
    {
        try
        {
            return await ReadAsync().ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            return null; // it may come back, and the process meets the same trouble
        }
    }
}
