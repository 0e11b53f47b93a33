using System.Runtime.InteropServices;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Terminal;

namespace Fletcher;

/// <summary>
/// What SIGTERM and SIGINT (Ctrl+C) do to a plain program: the first stops its host, so that runs are handed over and not
/// crashed, and then ends the program; the second ends it at once.
/// </summary>
/// <remarks>
/// Interleavings: the signal comes on a thread of its own, while the program calls flows, fails, or ends. The calls that wait for a run throw
/// when it has been handed over, so the program may end by itself (<see cref="ProgramEnd"/> waits for the stop then) or by an unhandled exception (which
/// is held until the stop is done, so that the runtime does not print it). tests/Fletcher.EndToEnd/Signals attacks this.
/// </remarks>
internal sealed class ProgramStop
{
    /// <summary>A stop that takes longer is announced, or a person would think that nothing happens.</summary>
    private static readonly TimeSpan AnnounceAfter = TimeSpan.FromSeconds(1);

    /// <summary>How long the program's own code may take to end, when its flows are stopped and it goes on nevertheless.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly FletcherHost _host;
    private readonly TimeSpan _grace;
    private readonly PosixSignalRegistration[] _registrations;
    private readonly TaskCompletionSource _hurried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _signals;

    internal ProgramStop(FletcherHost host, TimeSpan grace)
    {
        _host = host;
        _grace = grace;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
        ];
    }

    /// <summary>What the process ends with: 128 and the signal's number, as shells have it. Null while no signal came.</summary>
    internal int? ExitCode { get; private set; }

    /// <summary>Whether the program is to end at once.</summary>
    internal bool IsHurried => _hurried.Task.IsCompleted;

    /// <summary>Waits until the host has stopped, or somebody does not want to wait any more.</summary>
    internal void Wait()
    {
        _ending.TrySetResult();
        Task.WaitAny(_stopped.Task, _hurried.Task);
    }

    /// <summary>Heeds no signal any more.</summary>
    internal void Release()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        // A program that handles the signal itself, or that has another host by now, stops in its own way.
        if (context.Cancel || SignalHandlers.Count(context.Signal) > 1 || !AmbientHost.Is(_host))
            return;
        if (Interlocked.Increment(ref _signals) > 1)
        {
            _hurried.TrySetResult();
            return;
        }

        context.Cancel = true;
        ExitCode = context.Signal == PosixSignal.SIGINT ? 130 : 143;
        var signal = context.Signal.ToString();
        _ = Task.Run(() => StopAsync(signal));
    }

    private async Task StopAsync(string signal)
    {
        var isBusy = _host.IsBusy;
        try
        {
            var executions = _host.Executions.Where(execution => execution.Root == execution).ToList();
            var elsewhere = _host.Parked.Runs.Concat(_host.Isolated.Runs).ToList();
            var stop = _host.StopAsync($"its program was stopped by {signal}");
            if (await Task.WhenAny(stop, Task.Delay(AnnounceAfter, TimeProvider.System)).ConfigureAwait(false) != stop)
                _host.Observers.Note($"{signal}: steps have {_grace.TotalSeconds:0.#} s to stop. Another one ends the program at once.");
            await stop.ConfigureAwait(false);
            var left = executions.Where(execution => execution.Record.State == FlowRunState.Queued).Select(execution => (execution.Id, execution.Definition));
            if (isBusy)
                _host.Observers.Note($"Stopped by {signal}. {HowToGoOn([.. left, .. elsewhere])}");
        }
        catch (Exception e)
        {
            // Whatever it is: the program must end, and what is open goes on as after a crash.
            _host.Observers.Note($"Stopped by {signal}, but not in good order: {e.Message}");
        }
        finally
        {
            _stopped.TrySetResult();
        }

        // Code that waits for a flow fails now, and mostly ends the program with that.
        if (isBusy)
            await Task.WhenAny(_ending.Task, _hurried.Task, Task.Delay(Patience, TimeProvider.System)).ConfigureAwait(false);
        Environment.Exit(ExitCode!.Value);
    }

    private static string HowToGoOn(IReadOnlyList<(RunId Id, FlowDefinition Flow)> left)
    {
        var program = ProgramCommand.Current();
        if (left.FirstOrDefault(run => run.Flow.OnRerun == OnRerun.New) is { Flow: { } flow } fresh)
            return $"Run {fresh.Id} of {flow.Id} can go on: {program.Resume(fresh.Id)}";
        return left.Count switch
        {
            0 => "No run is left open.",
            1 => $"The next start goes on with {left[0].Flow.Id}: {program.Again()}",
            _ => $"The next start goes on with {Readable.Plural(left.Count, "run", "runs")}: {program.Again()}",
        };
    }
}
