using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Keeps runs in a PostgreSQL database (14 or newer), which any number of hosts may share. After a crash of anything at any moment it holds whole
/// batches only. See docs/postgresql.md.
/// </summary>
public sealed partial class PostgreSqlStore : IRunStore, IStoreUpkeep
{
    private readonly PostgreSqlStoreOptions _options;
    private readonly Server _server;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly Receipts _receipts;
    private readonly Hints _hints;
    private readonly RunLocks _locks;
    private readonly RecordRows _records;
    private readonly BatchWriter _writer;
    private readonly RunClaims _claims;
    private readonly StartRows _starts;
    private readonly DescribedFlows _flows;
    private readonly Families _families;
    private readonly PauseRows _pauses;
    private readonly HostRows _hosts;
    private readonly PartitionKeeper _partitions;
    private readonly FlowRunReader _flowRuns;
    private readonly UnfinishedReader _unfinished;
    private readonly StepRunReader _stepRuns;
    private readonly DetailReader _details;
    private readonly MessageReader _messages;
    private readonly Listener _listener;
    private readonly PostgreSqlLimits _limits;
    private readonly PostgreSqlDeployments _deployments;
    private readonly PostgreSqlVariables _variables;
    private readonly PostgreSqlRetention _retention;
    private volatile bool _isOpen;
    private volatile bool _isDisposed;

    /// <summary>Makes a store; nothing is connected before <see cref="OpenAsync"/>.</summary>
    /// <exception cref="ArgumentException">The connection string cannot be read or names no server, or the schema's name is not allowed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public PostgreSqlStore(PostgreSqlStoreOptions options)
    {
        var (address, schema) = Check(options);
        _options = options;
        _server = new Server(address, schema, options.ServerWait) { LimitClock = options.TimeProvider == TimeProvider.System ? null : options.TimeProvider };
        _receipts = new Receipts(schema);
        _listener = new Listener(_server, _receipts.Writer);
        _hints = new Hints(schema, _receipts.Writer, _listener);
        _locks = new RunLocks(schema);
        _records = new RecordRows(_server, options);
        _writer = new BatchWriter(_server, _records, _locks, _receipts, _hints);
        _claims = new RunClaims(_server, _receipts);
        _starts = new StartRows(schema, _records, _locks, _receipts, _hints);
        _flows = new DescribedFlows(schema);
        _families = new Families(schema, options.TimeProvider);
        _pauses = new PauseRows(schema, options.TimeProvider);
        _hosts = new HostRows(schema);
        _partitions = new PartitionKeeper(_server);
        _flowRuns = new FlowRunReader(schema);
        _unfinished = new UnfinishedReader(_server, _flowRuns);
        _stepRuns = new StepRunReader(schema);
        _details = new DetailReader(schema);
        _messages = new MessageReader(schema);
        _limits = new PostgreSqlLimits(() => Opened, schema, _receipts, _listener);
        _server.Granted = _limits.Tell;
        _deployments = new PostgreSqlDeployments(() => Opened, schema, _receipts, _hints, _starts);
        _variables = new PostgreSqlVariables(() => Opened, schema, _receipts);
        _retention = new PostgreSqlRetention(() => Opened, schema);
    }

    /// <summary>Makes a store in this database, in the schema <c>fletcher</c>.</summary>
    /// <inheritdoc cref="PostgreSqlStore(PostgreSqlStoreOptions)"/>
    public PostgreSqlStore(string connectionString)
        : this(new PostgreSqlStoreOptions { ConnectionString = connectionString })
    {
    }

    /// <inheritdoc/>
    public string Description => $"PostgreSQL {_server.Place}, schema {_server.Schema.Name}";

    /// <inheritdoc/>
    public bool IsVolatile => false;

    /// <inheritdoc/>
    public ILimitStore Limits => _limits;

    /// <inheritdoc/>
    public IDeploymentStore Deployments => _deployments;

    /// <inheritdoc/>
    public IVariableStore Variables => _variables;

    /// <inheritdoc/>
    public IRetentionStore Retention => _retention;

    /// <summary>Finds mistakes in the options.</summary>
    internal static (NpgsqlConnectionStringBuilder Address, SchemaName Schema) Check(PostgreSqlStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.LargeValueThreshold, "options.LargeValueThreshold");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ServerWait, TimeSpan.Zero, "options.ServerWait");
        ArgumentNullException.ThrowIfNull(options.TimeProvider, "options.TimeProvider");
        return (ServerAddress.Parse(options.ConnectionString), new SchemaName(options.Schema));
    }

    private Server Opened
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _isOpen ? _server : throw new InvalidOperationException($"The store {Description} is not open: call OpenAsync first.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isOpen)
                return;

            var migrator = new Migrator(_server, _options.TimeProvider);
            await _server.OpenAsync(_options.MustExist ? migrator.CheckAsync : migrator.RunAsync, cancellationToken).ConfigureAwait(false);
            if (!_options.MustExist)
                await _partitions.KeepAsync(cancellationToken).ConfigureAwait(false);
            _isOpen = true;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> ReadValueAsync(StoredValue value, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(value);
        cancellationToken.ThrowIfCancellationRequested();
        _ = Opened;
        return value.Content is { } content ? new(content) : _records.LargeValues.ReadAsync(value, cancellationToken);
    }

    /// <summary>Waits for the batch that is under way and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;

        _isDisposed = true;
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
        _opening.Dispose();
    }
}
