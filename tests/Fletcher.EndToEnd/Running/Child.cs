using System.Text;
using CliWrap;

namespace Fletcher.EndToEnd.Running;

/// <summary>A scenario that runs while the test looks at what it says, and sends it signals.</summary>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _kill = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly Lock _gate = new();
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly List<(string Fragment, TaskCompletionSource Said)> _awaited = [];
    private readonly CommandTask<CommandResult> _running;

    public Child(string store, bool isWell, params string[] arguments)
    {
        // What is started in the background ignores Ctrl+C, and so do its children.
        _running = Cli.Wrap("env")
            .WithArguments(["--default-signal=INT,TERM", Repository.Programs, .. arguments])
            .WithEnvironmentVariables(Start.Clean(new Dictionary<string, string?> { ["FLETCHER_STORE"] = store, ["WELL"] = isWell ? "yes" : null }))
            .WithStandardOutputPipe(PipeTarget.ToDelegate(line => Hear(_output, line)))
            .WithStandardErrorPipe(PipeTarget.ToDelegate(line => Hear(_error, line)))
            .WithValidation(CommandResultValidation.None)
            .ExecuteAsync(_kill.Token);
    }

    /// <summary>Waits until it has said something.</summary>
    public async Task Says(string fragment)
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (Has(fragment))
                return;
            _awaited.Add((fragment, said));
        }

        await Task.WhenAny(said.Task, _running.Task).WaitAsync(Limit);
        Assert.True(said.Task.IsCompleted, $"It ended and did not say '{fragment}':\n{_output}\n{_error}");
    }

    /// <summary>Waits until it has said a line that begins so, and gives that line.</summary>
    public async Task<string> SaysLine(string start)
    {
        await Says(start);
        lock (_gate)
            return $"{_output}\n{_error}".Split('\n').First(line => line.StartsWith(start, StringComparison.Ordinal));
    }

    public Task Signal(string name) => Signal(_running.ProcessId, name);

    public static async Task Signal(int process, string name) => await Cli.Wrap("kill").WithArguments(["-s", name, $"{process}"]).ExecuteAsync();

    /// <summary>Waits until it has ended.</summary>
    public async Task<Ended> End()
    {
        try
        {
            var result = await _running.Task.WaitAsync(Limit);
            return new Ended(result.ExitCode, _output.ToString(), _error.ToString());
        }
        catch (TimeoutException)
        {
            lock (_gate)
                throw new TimeoutException($"It did not end within {Limit}:\n{_output}\n{_error}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _kill.CancelAsync();
        await ((Task)_running.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _running.Dispose();
        _kill.Dispose();
    }

    private void Hear(StringBuilder text, string line)
    {
        lock (_gate)
        {
            text.Append(line).Append('\n');
            foreach (var (_, said) in _awaited.Where(awaited => Has(awaited.Fragment)))
                said.TrySetResult();
        }
    }

    private bool Has(string fragment) =>
        _output.ToString().Contains(fragment, StringComparison.Ordinal) || _error.ToString().Contains(fragment, StringComparison.Ordinal);
}
