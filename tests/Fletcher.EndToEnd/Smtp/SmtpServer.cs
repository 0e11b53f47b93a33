using System.Diagnostics;
using Fletcher.EndToEnd.Running;

namespace Fletcher.EndToEnd.Smtp;

/// <summary>A real mail server (aiosmtpd) on a port of the loopback interface that the system chose.</summary>
internal sealed class SmtpServer : IAsyncDisposable
{
    // Debian's own, which has Debian's packages; another one may come before it in the path.
    private static readonly string Python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    private SmtpServer(int dropEach)
    {
        // Not CliWrap: the server's first line is needed while it runs.
        var start = new ProcessStartInfo(Python) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Smtp", "smtp_server.py"));
        start.ArgumentList.Add(_folder.Path);
        if (dropEach > 0)
        {
            start.ArgumentList.Add("--drop");
            start.ArgumentList.Add(dropEach.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        _process = Process.Start(start)!;
    }

    public string Port { get; private set; } = "";

    /// <summary>Starts one; skips the test where there is none to start.</summary>
    /// <param name="dropEach">It breaks the connection at each so many messages; 0 for never.</param>
    public static async Task<SmtpServer> StartAsync(int dropEach = 0)
    {
        var isInstalled = await Start.Program(Python, ["-c", "import aiosmtpd"], new Dictionary<string, string?>());
        Assert.SkipUnless(isInstalled.ExitCode == 0, "Python's aiosmtpd is not installed; ./test installs it on Debian.");
        var server = new SmtpServer(dropEach);
        server.Port = await server._process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
            ?? throw new InvalidOperationException("The mail server ended at once.");
        return server;
    }

    /// <summary>The recipients of the messages that it has answered for, one entry a recipient of a message.</summary>
    public List<string> Recipients() => Of("*.eml");

    /// <summary>The recipients of the messages at which it broke the connection.</summary>
    public List<string> Dropped() => Of("*.dropped");

    public IEnumerable<string> Messages() => Directory.EnumerateFiles(_folder.Path, "*.eml").Select(File.ReadAllText);

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        _process.Dispose();
        _folder.Dispose();
    }

    private List<string> Of(string pattern) =>
        [.. Directory.EnumerateFiles(_folder.Path, pattern).SelectMany(file => File.ReadAllLines(Path.ChangeExtension(file, ".to")))];
}
