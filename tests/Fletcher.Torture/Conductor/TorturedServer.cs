using Fletcher.PostgreSqlServer;
using Fletcher.Torture.Plans;
using Npgsql;

namespace Fletcher.Torture.Conductor;

/// <summary>
/// A PostgreSQL server of the torture's own. If wished it is restarted every few seconds, in order or as after a crash, and the hosts' connections
/// are cut, one by one at random and now and then all at once.
/// </summary>
internal sealed class TorturedServer : ITorturedStore
{
    // Of each piece that goes either way.
    private const double CutProbability = 0.002;

    // A root waits in the queue if and only if its record says so.
    private const string Check =
        """
        SELECT coalesce(string_agg(coalesce(r.id, q.run_id)::text || coalesce(' in state ' || r.state, ' without a run'), ', '), 'ok')
        FROM (SELECT * FROM fletcher.flow_runs r WHERE root_run_id = id AND host_id IS NULL AND ((wake_at IS NOT NULL AND state <> 10) OR state = 1)) r
        FULL JOIN fletcher.queue q ON q.run_id = r.id
        WHERE q.run_id IS NULL OR r.id IS NULL OR (q.wake_at, q.state, q.flow_id) IS DISTINCT FROM (r.wake_at, r.state, r.flow_id)
        """;

    private readonly PrivateServer _server;
    private readonly CuttingProxy? _proxy;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _trouble;

    private TorturedServer(PrivateServer server, Settings settings)
    {
        _server = server;
        _proxy = settings.IsServerTroubled ? new CuttingProxy(server.Port) : null;
        _trouble = _proxy is null ? Task.CompletedTask : Task.Run(() => TroubleAsync(_proxy, settings.Seed));
    }

    public string Place => _server.ConnectionString;

    public string PlaceForHosts => PrivateServer.ConnectionStringFor(_proxy?.Port ?? _server.Port) + ";Maximum Pool Size=10;SSL Mode=Disable;GSS Encryption Mode=Disable";

    /// <summary>How often the server was restarted.</summary>
    public int Restarts { get; private set; }

    /// <summary>How many connections were cut.</summary>
    public int Cuts => _proxy?.Cuts ?? 0;

    public static async Task<TorturedServer> StartAsync(Settings settings) => new(await PrivateServer.StartAsync(), settings);

    /// <summary>Never: a transaction is sent whole, and the server ends it without the process.</summary>
    public bool IsLockedBy(int process) => false;

    public async Task CalmAsync()
    {
        await _end.CancelAsync();
        await _trouble;
    }

    public Task KeepAsync(string folder) => _server.DumpAsync(Path.Combine(folder, "store.sql"));

    public async Task<string> CheckAsync()
    {
        await using var connection = new NpgsqlConnection(_server.ConnectionString + ";Pooling=False");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(Check, connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await CalmAsync();
        if (_proxy is not null)
            await _proxy.DisposeAsync();
        await _server.DisposeAsync();
        _end.Dispose();
    }

    private async Task TroubleAsync(CuttingProxy proxy, ulong seed)
    {
        var dice = new Dice(Dice.Mix(seed, 0x5E7));
        proxy.CutAtRandom((int)(seed % int.MaxValue), CutProbability);
        while (!_end.IsCancellationRequested)
        {
            await Task.Delay(dice.Between(500, 4000), _end.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            if (_end.IsCancellationRequested)
                break;
            if (dice.Percent(50))
            {
                proxy.CutAll();
                continue;
            }

            await _server.StopAsync(dice.Percent(50) ? "INT" : "QUIT");
            await Task.Delay(dice.Below(1000));
            await _server.StartAgainAsync();
            Restarts++;
        }

        proxy.CutAtRandom(0, 0);
    }
}
