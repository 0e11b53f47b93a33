using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Keeps runs in a SQLite database, which several processes on one machine may share. Large results are in a folder beside
/// it. After a crash at any moment it holds whole batches only. See docs/storage.md.
/// </summary>
public sealed partial class SqliteStore : IRunStore, IStoreUpkeep
{
    private readonly SqliteStoreOptions _options;
    private readonly string _path;
    private readonly LargeValues _largeValues;
    private readonly ReaderPool _readers;
    private readonly ChangeSignal _changes;
    private readonly SqliteLimits _limits;
    private readonly SqliteDeployments _deployments;
    private readonly SqliteVariables _variables;
    private readonly SqliteRetention _retention;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private WriterConnection? _writer;
    private bool _isDisposed;

    /// <summary>Makes a store; nothing is touched before <see cref="OpenAsync"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="StoreUnavailableException">What names the file is the connection string of a database server; or nothing names one, and the user has no data folder.</exception>
    public SqliteStore(SqliteStoreOptions? options = null)
    {
        _options = options ?? new SqliteStoreOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(_options.LargeValueThreshold, "options.LargeValueThreshold");
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.BusyTimeout, TimeSpan.Zero, "options.BusyTimeout");
        _path = _options.Path is { } path ? SqliteStorePath.Full(path, "The path") : SqliteStorePath.Default();
        _largeValues = new LargeValues(_path, _options.Durability);
        _readers = new ReaderPool(_path, _options);
        _changes = new ChangeSignal(_path);
        _limits = new SqliteLimits(() => Writer, () => Readers, _changes, _options.TimeProvider);
        _deployments = new SqliteDeployments(() => Writer, () => Readers, _changes);
        _variables = new SqliteVariables(() => Writer, () => Readers);
        _retention = new SqliteRetention(() => Writer, () => Readers, _largeValues);
    }

    /// <summary>Makes a store in this file.</summary>
    public SqliteStore(string path)
        : this(new SqliteStoreOptions { Path = path })
    {
    }

    /// <inheritdoc/>
    public string Description => $"SQLite {_path}";

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

    private WriterConnection Writer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _writer ?? throw new InvalidOperationException($"The store '{_path}' is not open: call OpenAsync first.");
        }
    }

    private ReaderPool Readers
    {
        get
        {
            _ = Writer;
            return _readers;
        }
    }

    /// <inheritdoc/>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_writer is not null)
                return;

            _writer = new WriterConnection(
                await StoreOpener.OpenAsync(_path, _options, cancellationToken).ConfigureAwait(false), _options, _limits.Tell);
            if (!_options.MustExist)
                _largeValues.RemoveLeftovers();
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
        return new(value.Content ?? _largeValues.Read(value));
    }

    /// <summary>Waits for what is under way and closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;

        _isDisposed = true;
        _changes.Dispose();
        await _readers.DisposeAsync().ConfigureAwait(false);
        // Last, so that it is the one that folds the write-ahead log back into the database.
        if (_writer is not null)
            await _writer.DisposeAsync().ConfigureAwait(false);
        _opening.Dispose();
    }
}
