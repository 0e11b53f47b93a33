using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>The limits of a <see cref="PostgreSqlStore"/>. Each change is one transaction and one round trip; what it does is in 0002_limits.sql.</summary>
internal sealed class PostgreSqlLimits : ILimitStore
{
    private readonly Func<Server> _server;
    private readonly Receipts _receipts;
    private readonly Listener _listener;
    private readonly LimitRows _rows;
    private readonly LimitReader _reader;

    public PostgreSqlLimits(Func<Server> server, SchemaName schema, Receipts receipts, Listener listener)
    {
        _server = server;
        _receipts = receipts;
        _listener = listener;
        _rows = new LimitRows(schema);
        _reader = new LimitReader(schema);
        listener.Granted = Tell;
    }

    /// <summary>Here also for what other processes grant: the server tells it, while somebody listens to this store.</summary>
    public event Action<IReadOnlyList<Guid>>? Granted;

    public bool IsShared => true;

    /// <summary>The server tells of grants with their ids (<see cref="Granted"/>), and here that a lane is due at another time; and when its connection is (again) there, that it may have missed either.</summary>
    public IDisposable Listen(Action heard)
    {
        ArgumentNullException.ThrowIfNull(heard);
        return _listener.AddForLimits(heard);
    }

    public async ValueTask DeclareAsync(IReadOnlyDictionary<string, LimitSettings> declared, CancellationToken cancellationToken)
    {
        LimitCheck.Check(declared);
        cancellationToken.ThrowIfCancellationRequested();
        if (declared.Count == 0)
            return;
        await ChangeAsync(
            (_rows, declared),
            static (batch, q) =>
            {
                q._rows.Lock(batch, q.declared.Keys);
                foreach (var (name, settings) in q.declared)
                    q._rows.Put(batch, name, isSet: false, settings, "code", null);
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<bool> SetAsync(
        string name, LimitSettings? settings, string actor, string? reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        LimitCheck.Check(name, settings);
        cancellationToken.ThrowIfCancellationRequested();
        return await ChangeAsync(
            (_rows, name, settings, actor, reason),
            static (batch, q) =>
            {
                q._rows.Lock(batch, [q.name]);
                if (q.settings is null)
                    q._rows.Reset(batch, q.name);
                else
                    q._rows.Put(batch, q.name, isSet: true, q.settings, q.actor, q.reason);
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<LimitRecord>> GetLimitsAsync(CancellationToken cancellationToken) => await ReadAsync(
        _reader, static (connection, reader, token) => reader.LimitsAsync(connection, token), cancellationToken).ConfigureAwait(false);

    public async ValueTask<LimitExchange> ExchangeAsync(
        IReadOnlyList<LimitLeave> leave, IReadOnlyList<LimitPlace> enter, CancellationToken cancellationToken)
    {
        LimitCheck.Check(leave, enter);
        cancellationToken.ThrowIfCancellationRequested();
        var server = _server();
        var receipt = _receipts.Take();
        var exchange = await server.RunAsync(
            (Limits: this, receipt, leave, enter),
            static (attempt, q, _) => q.Limits.ExchangeAsync(attempt.Connection, q.receipt, q.leave, q.enter),
            new Attempts(),
            cancellationToken).ConfigureAwait(false);

        // Not after an error: the server may still have it, and must find its number taken when it comes to it. Otherwise it could ask for a place again
        // that was given back since.
        _receipts.GiveBack(receipt);
        return exchange;
    }

    public ValueTask<LimitLook> LookAsync(IReadOnlyList<Guid> places, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(places);
        return ReadAsync(
            (_reader, places), static (connection, q, token) => q._reader.LookAsync(connection, q.places, token), cancellationToken);
    }

    public async ValueTask<IReadOnlyList<LimitLaneRecord>> GetLanesAsync(
        string limit, string? key, string? after, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(limit);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return await ReadAsync(
            (_reader, limit, key, after, count),
            static (connection, q, token) => q._reader.LanesAsync(connection, q.limit, q.key, q.after, q.count, token),
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<LimitPlace>> GetPlacesAsync(RunId root, CancellationToken cancellationToken) => await ReadAsync(
        (_reader, root), static (connection, q, token) => q._reader.OfRootAsync(connection, q.root, token), cancellationToken)
        .ConfigureAwait(false);

    /// <summary>Tells who was granted a place by a transaction.</summary>
    internal void Tell(IReadOnlyList<Guid> granted) => Granted?.Invoke(granted);

    private async ValueTask<LimitExchange> ExchangeAsync(
        NpgsqlConnection connection, Receipt receipt, IReadOnlyList<LimitLeave> leave, IReadOnlyList<LimitPlace> enter)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            _receipts.Enter(batch, receipt);
            _rows.Exchange(batch, leave, enter);
            _reader.Standings(batch, enter);
            try
            {
                return await LimitReader.ReadAsync(batch, enter).ConfigureAwait(false);
            }
            catch (PostgresException e) when (Receipts.IsDone(e))
            {
                batch.BatchCommands.Clear();
                _reader.Standings(batch, enter);
                return await LimitReader.ReadAsync(batch, enter).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Does a transaction once, although its answer may be lost; false when it found that it was not to be done.</summary>
    private async ValueTask<bool> ChangeAsync<TState>(TState state, Action<NpgsqlBatch, TState> fill, CancellationToken cancellationToken)
    {
        var server = _server();
        var receipt = _receipts.Take();
        var isDone = await server.RunAsync(
            (_receipts, receipt, state, fill),
            static (attempt, q, _) => TryChangeAsync(attempt.Connection, q._receipts, q.receipt, q.state, q.fill),
            new Attempts(),
            cancellationToken).ConfigureAwait(false);
        _receipts.GiveBack(receipt);
        return isDone;
    }

    private static async ValueTask<bool> TryChangeAsync<TState>(
        NpgsqlConnection connection, Receipts receipts, Receipt receipt, TState state, Action<NpgsqlBatch, TState> fill)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            receipts.Enter(batch, receipt);
            fill(batch, state);
            try
            {
                await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
                return true;
            }
            catch (PostgresException e) when (Receipts.IsDone(e))
            {
                return true;
            }
            catch (PostgresException e) when (RunLocks.IsRefused(e))
            {
                return false;
            }
        }
    }

    private ValueTask<TResult> ReadAsync<TState, TResult>(
        TState state, Func<NpgsqlConnection, TState, CancellationToken, ValueTask<TResult>> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _server().RunAsync(state, body, cancellationToken);
    }
}
