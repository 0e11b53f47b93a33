using System.Net;
using System.Net.Sockets;

namespace Fletcher.PostgreSqlServer;

/// <summary>One connection through a <see cref="CuttingProxy"/>.</summary>
internal sealed class ProxiedConnection(CuttingProxy proxy, TcpClient client) : IDisposable
{
    private readonly TcpClient _server = new();
    private readonly TaskCompletionSource _delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _deliver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isLate;

    /// <summary>Whether it was open when the next cut was ordered.</summary>
    public bool IsOpenNow { get; set; }

    public async Task RunAsync(int serverPort)
    {
        try
        {
            client.NoDelay = _server.NoDelay = true;
            await _server.ConnectAsync(IPAddress.Loopback, serverPort).ConfigureAwait(false);
            await Task.WhenAny(PassAsync(client, _server, isRequest: true), PassAsync(_server, client, isRequest: false)).ConfigureAwait(false);
            if (_isLate)
                await _delivered.Task.ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // The server is away, and the client finds the connection closed.
        }
        finally
        {
            Close();
        }
    }

    /// <summary>Lets what was kept back go to the server, and waits for the end of the server's answer.</summary>
    public Task DeliverLateAsync()
    {
        if (!_isLate)
            return Task.CompletedTask;
        _deliver.TrySetResult();
        return _delivered.Task;
    }

    public void Close()
    {
        client.Dispose();
        if (!_isLate)
            _server.Dispose();
    }

    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
    }

    private async Task PassAsync(TcpClient from, TcpClient to, bool isRequest)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var count = await from.GetStream().ReadAsync(buffer).ConfigureAwait(false);
                if (count == 0)
                    return;

                switch (proxy.NextCut(this, isRequest))
                {
                    case Cut.RequestIsLost or Cut.AnswerIsLost:
                        return;
                    case Cut.RequestIsLate:
                        _isLate = true;
                        client.Dispose();
                        await DeliverLaterAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
                        return;
                    default:
                        await to.GetStream().WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or SocketException)
        {
            // One end has gone.
        }
    }

    private async Task DeliverLaterAsync(ReadOnlyMemory<byte> request)
    {
        await _deliver.Task.ConfigureAwait(false);
        try
        {
            var stream = _server.GetStream();
            await stream.WriteAsync(request).ConfigureAwait(false);
            // The server reads to the end, does it, and then finds nobody there.
            _server.Client.Shutdown(SocketShutdown.Send);
            var rest = new byte[4096];
            while (await stream.ReadAsync(rest).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (IOException)
        {
            // The server is done with it.
        }
        finally
        {
            _delivered.TrySetResult();
        }
    }
}
