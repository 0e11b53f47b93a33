using System.Text;
using CliWrap;
using Fletcher.EndToEnd.Running;

namespace Fletcher.EndToEnd.BillingService;

/// <summary>One host of the service.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _kill = new();
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CommandTask<CommandResult> _running;

    internal ServiceProcess(string program, string store, TemporaryFolder folder)
    {
        _running = Cli.Wrap(program)
            .WithArguments(["--urls", "http://127.0.0.1:0", "--Store", store, "--Out", folder["out"]])
            .WithWorkingDirectory(folder.Path)
            .WithEnvironmentVariables(Start.Clean(new Dictionary<string, string?> { ["BILLING_DATA"] = Path.Combine(Repository.Root, "samples", "billing", "data") }))
            .WithStandardOutputPipe(PipeTarget.ToDelegate(Hear))
            .WithStandardErrorPipe(PipeTarget.ToDelegate(Hear))
            .WithValidation(CommandResultValidation.None)
            .ExecuteAsync(_kill.Token);
    }

    internal int Id => _running.ProcessId;

    /// <summary>Waits until it serves.</summary>
    internal async Task StartAsync()
    {
        await Task.WhenAny(_started.Task, _running.Task).WaitAsync(Limit);
        lock (_said)
            Assert.True(_started.Task.IsCompletedSuccessfully, $"It does not serve:\n{_said}");
    }

    /// <summary>Kills it, and returns when it is gone.</summary>
    internal async Task KillAsync()
    {
        await _kill.CancelAsync();
        await ((Task)_running.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _running.Dispose();
        _kill.Dispose();
    }

    private void Hear(string line)
    {
        lock (_said)
            _said.AppendLine(line);
        if (line.Contains("Application started", StringComparison.Ordinal))
            _started.TrySetResult();
    }
}
