using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Fletcher.PostgreSqlServer;

/// <summary>
/// A PostgreSQL server on loopback that belongs to this process, in a folder of its own. It ends with the process, however that ends: a shell between
/// them stops the server when its input is closed.
/// </summary>
public sealed class PrivateServer : IAsyncDisposable
{
    private const string User = "fletcher";
    private const string Password = "hush-hush";

    // The server ends with 'fast shutdown' when nobody holds the other end of the input any more.
    private const string Watch = "\"$@\" </dev/null >\"$0\" 2>&1 & child=$!; read -r _; kill -INT $child 2>/dev/null; wait $child";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _folder;
    private readonly bool _isDurable;
    private Process? _watch;

    private PrivateServer(string folder, int port, bool isDurable)
    {
        _folder = folder;
        _isDurable = isDurable;
        Port = port;
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; private set; }

    /// <summary>Leads to its database.</summary>
    public string ConnectionString => ConnectionStringFor(Port);

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Makes a server and starts it.</summary>
    /// <param name="isDurable">
    /// Whether a commit is on disk, as in production. Otherwise it is safe from the end of any process only: enough for tests that stop and kill
    /// processes, and much faster.
    /// </param>
    public static async Task<PrivateServer> StartAsync(bool isDurable = false)
    {
        _ = PostgreSqlInstallation.Folder ?? throw new InvalidOperationException(PostgreSqlInstallation.Missing);
        var server = new PrivateServer(Directory.CreateTempSubdirectory("fletcher-postgresql-").FullName, 0, isDurable);
        try
        {
            await server.InitializeAsync().ConfigureAwait(false);
            await server.StartAgainAsync().ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Leads to its database through another port of this machine.</summary>
    public static string ConnectionStringFor(int port) => string.Create(
        CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Database=postgres;Username={User};Password={Password}");

    /// <summary>Starts it after a stop, on the same port.</summary>
    public async Task StartAgainAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            if (Port == 0)
                Port = FreePort();
            _watch = Process.Start(StartInfo("/bin/sh", ["-c", Watch, Path.Combine(_folder, "start.log"), .. AsOwner(
                Path.Combine(PostgreSqlInstallation.Folder!, "postgres"), "-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture))], hasInput: true))!;
            if (await IsUpAsync().ConfigureAwait(false))
                return;

            // Somebody else may have taken the port in between.
            await StopAsync("QUIT").ConfigureAwait(false);
            if (attempt == 3)
                throw new InvalidOperationException($"PostgreSQL did not start: {await LogAsync().ConfigureAwait(false)}");
            Port = 0;
        }
    }

    /// <summary>Stops it.</summary>
    /// <param name="signal">INT: sessions are cut and the server ends in order. QUIT: it ends at once, as after a crash.</param>
    public async Task StopAsync(string signal = "INT")
    {
        if (_watch is null)
            return;
        if (await ProcessIdAsync().ConfigureAwait(false) is { } id)
            await RunAsync("/bin/kill", "-s", signal, id).ConfigureAwait(false);
        await _watch.StandardInput.DisposeAsync().ConfigureAwait(false);
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        await _watch.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        _watch.Dispose();
        _watch = null;
    }

    /// <summary>What the server wrote to its log.</summary>
    public async Task<string> LogAsync()
    {
        var text = "";
        foreach (var log in (string[])[Path.Combine(_folder, "start.log"), Path.Combine(Data, "log", "server.log")])
            text += File.Exists(log) ? await File.ReadAllTextAsync(log).ConfigureAwait(false) : "";
        return text;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync("QUIT").ConfigureAwait(false);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task InitializeAsync()
    {
        var password = Path.Combine(_folder, "password");
        await File.WriteAllTextAsync(password, Password).ConfigureAwait(false);
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", "-R", "postgres", _folder).ConfigureAwait(false);
        var initdb = AsOwner(
            Path.Combine(PostgreSqlInstallation.Folder!, "initdb"), "-D", Data, "-U", User, "--pwfile", password, "-A", "scram-sha-256", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync");
        await RunAsync(initdb[0], initdb[1..]).ConfigureAwait(false);
        await File.AppendAllTextAsync(
            Path.Combine(Data, "postgresql.conf"),
            $"""

            listen_addresses = '127.0.0.1'
            unix_socket_directories = '{_folder}'
            max_connections = 200
            shared_buffers = 128MB
            max_wal_size = 2GB
            logging_collector = on
            log_filename = 'server.log'
            fsync = {(_isDurable ? "on" : "off")}
            full_page_writes = {(_isDurable ? "on" : "off")}

            """).ConfigureAwait(false);
    }

    private async Task<bool> IsUpAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!_watch!.HasExited && TimeProvider.System.GetElapsedTime(began) < Limit)
        {
            try
            {
                var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
                await using (connection.ConfigureAwait(false))
                {
                    await connection.OpenAsync().ConfigureAwait(false);
                    return true;
                }
            }
            catch (NpgsqlException)
            {
                if (await ProcessIdAsync().ConfigureAwait(false) is null && TimeProvider.System.GetElapsedTime(began) > Limit / 10)
                    return false;
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System).ConfigureAwait(false);
            }
        }

        return false;
    }

    private async Task<string?> ProcessIdAsync()
    {
        var file = Path.Combine(Data, "postmaster.pid");
        try
        {
            var lines = await File.ReadAllLinesAsync(file).ConfigureAwait(false);
            return lines.Length > 0 ? lines[0] : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>PostgreSQL refuses to be root's.</summary>
    /// <summary>Writes all that the database has into a file, for people: the server's own folder goes with it.</summary>
    public Task DumpAsync(string file) => RunAsync(
        Path.Combine(PostgreSqlInstallation.Folder!, "pg_dump"), "--inserts", "--file", file,
        "--dbname", string.Create(CultureInfo.InvariantCulture, $"postgresql://{User}:{Password}@127.0.0.1:{Port}/postgres"));

    private static string[] AsOwner(params string[] command) => Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. command]
        : command;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(StartInfo(program, arguments, hasInput: false))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (process.ExitCode != 0 && program != "/bin/kill")
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await output.ConfigureAwait(false)}{errors}");
    }

    private static ProcessStartInfo StartInfo(string program, string[] arguments, bool hasInput)
    {
        var info = new ProcessStartInfo(program)
        {
            RedirectStandardInput = hasInput,
            RedirectStandardOutput = !hasInput,
            RedirectStandardError = !hasInput,
            WorkingDirectory = "/",
        };
        foreach (var argument in arguments)
            info.ArgumentList.Add(argument);
        return info;
    }
}
