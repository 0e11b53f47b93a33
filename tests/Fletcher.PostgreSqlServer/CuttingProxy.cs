using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Fletcher.PostgreSqlServer;

/// <summary>
/// Stands between a program and a server on this machine, and cuts connections: all at once, at random moments, or at a moment that a test chooses.
/// </summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<ProxiedConnection, bool> _connections = new();
    private readonly int _serverPort;
    private readonly Task _accepting;
    private readonly Lock _gate = new();
    private Random _random = new(0);
    private double _probability;
    private Cut? _next;
    private int _skip;

    public CuttingProxy(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>How many connections it has cut.</summary>
    public int Cuts { get; private set; }

    /// <summary>From now on each piece of what is sent, either way, meets a cut with this probability.</summary>
    public void CutAtRandom(int seed, double probability)
    {
        lock (_gate)
        {
            _random = new Random(seed);
            _probability = probability;
        }
    }

    /// <summary>The next piece that is sent on a connection which is open now meets this.</summary>
    /// <param name="cut">What.</param>
    /// <param name="skip">How many pieces, of those that could meet it, pass before.</param>
    public void CutNext(Cut cut, int skip = 0)
    {
        lock (_gate)
        {
            _next = cut;
            _skip = skip;
            foreach (var connection in _connections.Keys)
                connection.IsOpenNow = true;
        }
    }

    /// <summary>Delivers to the server what <see cref="Cut.RequestIsLate"/> kept back, and waits until the server has read it and is done with it.</summary>
    public async Task DeliverLateAsync()
    {
        foreach (var connection in _connections.Keys)
            await connection.DeliverLateAsync().ConfigureAwait(false);
    }

    /// <summary>Cuts all that are open.</summary>
    public void CutAll()
    {
        foreach (var connection in _connections.Keys)
        {
            Cuts++;
            connection.Close();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        foreach (var connection in _connections.Keys)
            connection.Close();
        _end.Dispose();
    }

    internal Cut? NextCut(ProxiedConnection connection, bool isRequest)
    {
        lock (_gate)
        {
            if (_next is { } next && connection.IsOpenNow && isRequest == (next is not Cut.AnswerIsLost))
            {
                if (_skip-- > 0)
                    return null;
                _next = null;
                Cuts++;
                return next;
            }

            if (_probability == 0 || _random.NextDouble() >= _probability)
                return null;
            Cuts++;
            return isRequest ? Cut.RequestIsLost : Cut.AnswerIsLost;
        }
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token).ConfigureAwait(false);
                _ = Task.Run(() => ServeAsync(client));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // At the end.
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = new ProxiedConnection(this, client);
        _connections[connection] = true;
        try
        {
            await connection.RunAsync(_serverPort).ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }
}

/// <summary>How a connection ends.</summary>
public enum Cut
{
    /// <summary>What the client sent does not reach the server.</summary>
    RequestIsLost,
    /// <summary>What the client sent reaches the server, but not what the server says to it.</summary>
    AnswerIsLost,
    /// <summary>What the client sent reaches the server when the client has long given the connection up.</summary>
    RequestIsLate,
}
