using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Torture.Flows;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture;

/// <summary>Runs the flows that are asked for on standard input, all at the same time, and says how they ended.</summary>
internal sealed class CommandLoop(FletcherOptions options)
{
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(10);

    private readonly FletcherHost _host = new(options);
    private volatile bool _isStopping;

    /// <summary>Returns when the commands end, or when the host was asked to stop and has handed its runs over.</summary>
    public async Task RunAsync(TextReader commands, Task stop)
    {
        await _host.StartAsync().ConfigureAwait(false);
        Say("ready");
        await Task.WhenAny(ReadAsync(commands), stop).ConfigureAwait(false);
        if (!stop.IsCompleted)
            return;
        _isStopping = true;
        var stopped = _host.DisposeAsync().AsTask();
        if (await Task.WhenAny(stopped, Task.Delay(StuckAfter)).ConfigureAwait(false) != stopped)
            SayWhatIsStuck();
        await stopped.ConfigureAwait(false);
    }

    /// <summary>The conductor kills a host that does not end; by then it has said why.</summary>
    private void SayWhatIsStuck()
    {
        foreach (var execution in _host.Executions)
        {
            Say(string.Create(
                CultureInfo.InvariantCulture,
                $"stuck 0 run {execution.Id} of {execution.Root.Id} ({execution.Definition.Id}) is {execution.Record.State}, attempt {execution.Record.Attempt}; leaving {execution.IsLeaving}, frozen {execution.IsFrozen}, lost {execution.Lease.IsLost}, ended {execution.Ended.IsCompleted}; stop reason {execution.StopReason}"));
        }

        if (_host.Executions.Count == 0)
            Say("stuck 0 no run is under way");
    }

    // Not on the caller's thread: reading the console blocks it.
    private Task ReadAsync(TextReader commands) => Task.Run(() =>
    {
        while (commands.ReadLine() is { } line)
        {
            var words = line.Split(' ');
            var seed = ulong.Parse(words[1], CultureInfo.InvariantCulture);
            _ = words[0] switch
            {
                "run" => Task.Run(() => CallAsync(seed, true)),
                "start" => Task.Run(() => CallAsync(seed, false)),
                _ => throw new FormatException($"'{line}' is no command."),
            };
        }
    });

    private async Task CallAsync(ulong seed, bool again)
    {
        do
        {
            try
            {
                var result = await RandomFlow.CallAsync(_host, seed).ConfigureAwait(false);
                Say(string.Create(CultureInfo.InvariantCulture, $"done {seed} {result.Value} {string.Join(',', result.Unknown)}"));
                return;
            }
            catch (RunLostException)
            {
                // Another host has it: its result is this one's too.
                Say(string.Create(CultureInfo.InvariantCulture, $"lost {seed}"));
            }
            catch (OperationCanceledException) when (!again || _isStopping)
            {
                return; // cancelled, or handed over
            }
            catch (Exception) when (Plan.Of(seed).Manner is Manner.Cancelled or Manner.Failing)
            {
                return; // however it is told
            }
            catch (Exception e)
            {
                if (!_isStopping)
                    Say(string.Create(CultureInfo.InvariantCulture, $"failed {seed} {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}"));
                return;
            }
        }
        while (again && !_isStopping);
    }

    // One write for each line: of a process that is killed, a line is said or not.
    private static void Say(string line)
    {
        lock (Console.Out)
        {
            Console.Out.Write(line + "\n");
            Console.Out.Flush();
        }
    }
}
