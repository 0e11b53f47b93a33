using System.Globalization;
using System.Net.Sockets;
using System.Text;
using CliWrap;
using Fletcher.EndToEnd.Running;

namespace Fletcher.EndToEnd.Service;

/// <summary>The sample while it runs as systemd would run it: with a socket for its notes, and no terminal.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _kill = new();
    private readonly Socket _notes = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly TaskCompletionSource<int> _process = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _said = new();
    private readonly CommandTask<CommandResult> _running;

    internal RunningService(string program, TemporaryFolder folder)
    {
        _notes.Bind(new UnixDomainSocketEndPoint(folder["notify"]));

        // .NET looks whether its parent is called so.
        File.Copy("/bin/sh", folder["systemd"]);
        _running = Cli.Wrap(folder["systemd"])
            .WithArguments(["-c", "\"$0\" --urls http://127.0.0.1:0 & echo \"service $!\"; wait $!; exit $?", program])
            .WithWorkingDirectory(folder.Path)
            .WithEnvironmentVariables(Start.Clean(new Dictionary<string, string?>
            {
                ["NOTIFY_SOCKET"] = folder["notify"],
                ["Store"] = folder["runs.db"],
                ["REPORTS"] = folder["reports"],
            }))
            .WithStandardOutputPipe(PipeTarget.ToDelegate(Hear))
            .WithStandardErrorPipe(PipeTarget.ToDelegate(Hear))
            .WithValidation(CommandResultValidation.None)
            .ExecuteAsync(_kill.Token);
    }

    internal HttpClient Http { get; } = new();

    /// <summary>Waits until it listens.</summary>
    internal async Task<Uri> GetAddressAsync()
    {
        await Task.WhenAny(_address.Task, _running.Task).WaitAsync(Limit);
        lock (_said)
            Assert.True(_address.Task.IsCompletedSuccessfully, $"It does not listen:\n{_said}");
        return await _address.Task;
    }

    /// <summary>The next thing that it tells systemd.</summary>
    internal async Task<string> NextNoteAsync()
    {
        var buffer = new byte[4096];
        using var limit = new CancellationTokenSource(Limit);
        return Encoding.UTF8.GetString(buffer, 0, await _notes.ReceiveAsync(buffer, limit.Token)).Trim();
    }

    internal async Task<int> StopAsync()
    {
        await Child.Signal(await _process.Task.WaitAsync(Limit), "TERM");
        return (await _running.Task.WaitAsync(Limit)).ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await _kill.CancelAsync();
        await ((Task)_running.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _running.Dispose();
        _kill.Dispose();
        _notes.Dispose();
        Http.Dispose();
    }

    private void Hear(string line)
    {
        lock (_said)
            _said.AppendLine(line);
        if (line.StartsWith("service ", StringComparison.Ordinal))
            _process.TrySetResult(int.Parse(line[8..], CultureInfo.InvariantCulture));
        const string Listening = "Now listening on: ";
        if (line.IndexOf(Listening, StringComparison.Ordinal) is var at and >= 0)
            _address.TrySetResult(new Uri(line[(at + Listening.Length)..].Trim()));
    }
}
