using System.Diagnostics;
using System.Globalization;

namespace Fletcher.Torture.Conductor;

/// <summary>A host in a process of its own.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    // What SIGTERM makes of a program that has not yet said that it handles it.
    private const int TerminatedAtStart = 143;

    private readonly Process _process;
    private readonly Task _reading;
    private readonly Task<string> _errors;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isMeantToEnd;
    private volatile bool _isKilled;

    private HostProcess(Process process, Action<HostProcess, string> said)
    {
        _process = process;
        _reading = Task.Run(() => ReadAsync(said));
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static async Task<HostProcess> StartAsync(Launcher launcher, IEnumerable<string> arguments, Action<HostProcess, string> said)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileName(path) is "dotnet" ? path : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(CommandLoop).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.ArgumentList.Add(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return new HostProcess(await launcher.StartAsync(start), said);
    }

    public int Id => _process.Id;

    /// <summary>Ends when it has said that it is ready, or has ended.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Gives it a command; one that is dead takes none.</summary>
    public void Tell(string command)
    {
        try
        {
            lock (_process)
            {
                _process.StandardInput.Write(command + "\n");
                _process.StandardInput.Flush();
            }
        }
        catch (IOException)
        {
            // It was killed: whoever is started next is told.
        }
    }

    public void Stop() => Signals.Stop(Id);

    /// <summary>Stops it where it holds no lock: one that is stopped inside a transaction keeps every other process from writing to the file.</summary>
    public async Task StopOutsideLocksAsync(ITorturedStore store)
    {
        Stop();
        while (store.IsLockedBy(Id))
        {
            Continue();
            await Task.Yield();
            Stop();
        }
    }

    public void Continue() => Signals.Continue(Id);

    /// <summary>Asks it to end; false when it has not by then.</summary>
    public async Task<bool> TerminateAsync(TimeSpan within)
    {
        _isMeantToEnd = true;
        Signals.Terminate(Id);
        using var limit = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Kills it, and returns when it is gone.</summary>
    public async Task KillAsync()
    {
        _isMeantToEnd = _isKilled = true;
        Signals.Kill(Id);
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>How it ended, if nobody had asked it to, or if it did not end well when it was asked to; otherwise null.</summary>
    public async Task<string?> WhyEndedAsync()
    {
        await _process.WaitForExitAsync(CancellationToken.None);
        return _isKilled || (_isMeantToEnd && _process.ExitCode is 0 or TerminatedAtStart)
            ? null
            : $"process {Id} ended with {_process.ExitCode}{(_isMeantToEnd ? "" : " by itself")}: {await _errors}";
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync(Action<HostProcess, string> said)
    {
        // A line that its end cut off is none.
        var reader = _process.StandardOutput;
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line == "ready")
                _ready.TrySetResult();
            said(this, line);
        }

        _ready.TrySetResult();
    }
}
