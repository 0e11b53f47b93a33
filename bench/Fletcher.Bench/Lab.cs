using Fletcher.Bench.Baselines;
using Fletcher.Bench.Measuring;
using Fletcher.Hosting;
using Fletcher.PostgreSqlServer;
using Fletcher.Storage;
using Fletcher.Storage.PostgreSql;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Bench;

/// <summary>Where it is measured: a folder, and in it a database of Fletcher's and one of the baselines.</summary>
internal sealed class Lab : IAsyncDisposable
{
    private const int WarmUps = 3;

    private readonly string _folder;
    private FletcherHost? _host;
    private IRawDatabase? _raw;
    private PrivateServer? _server;

    internal Lab(Arguments arguments)
    {
        Arguments = arguments;
        Sizes = arguments.Smoke ? Sizes.Tiny : Sizes.Full;
        _folder = Directory.CreateTempSubdirectory("fletcher-bench-").FullName;
        if (arguments.Folder != Path.GetTempPath())
        {
            Directory.Delete(_folder);
            _folder = Path.Combine(arguments.Folder, Path.GetFileName(_folder));
            Directory.CreateDirectory(_folder);
        }

        Machine = Machine.Describe(_folder, arguments);
    }

    internal Arguments Arguments { get; }

    internal Sizes Sizes { get; }

    internal Machine Machine { get; }

    internal FletcherHost Host => _host ??= NewHost("fletcher.db");

    /// <summary>The baselines, on a database of the kind that the store is.</summary>
    internal IRawDatabase Raw => _raw ??= _server is null
        ? new RawDatabase(File("baseline.db"), Arguments.Durability)
        : new RawServer(_server.ConnectionString, Arguments.Durability);

    internal RawDatabase RawSqlite => (RawDatabase)Raw;

    internal string File(string name) => Path.Combine(_folder, name);

    internal FletcherHost NewHost(string file) => NewHost(PlaceOf(file), Arguments.Durability);

    /// <summary>Where a store is: its file, or its database and schema; null in memory.</summary>
    internal string? PlaceOf(string file) => Arguments.Store switch
    {
        StoreKind.Sqlite => File(file),
        StoreKind.PostgreSql => $"{_server!.ConnectionString};{(Arguments.Durability == Durability.Full ? "" : "Options=-c synchronous_commit=off")}|{file.Replace('.', '_').Replace('-', '_')}",
        _ => null,
    };

    /// <summary>A host on a store at this place, or in memory without one; it takes runs when asked to.</summary>
    internal static FletcherHost NewHost(string? place, Durability durability, bool takesRuns = false) =>
        new(new FletcherOptions { TakesRuns = takesRuns, Store = () => NewStore(place, durability) });

    /// <summary>A store at this place, or in memory without one.</summary>
    internal static IRunStore NewStore(string? place, Durability durability) =>
        place is null ? new MemoryStore()
        : place.Split('|') is [var database, var schema] ? new PostgreSqlStore(new PostgreSqlStoreOptions { ConnectionString = database, Schema = schema })
        : new SqliteStore(new SqliteStoreOptions { Path = place, Durability = durability });

    /// <summary>Starts what the measurements need.</summary>
    internal async Task StartAsync()
    {
        if (Arguments.Store == StoreKind.PostgreSql)
            _server = await PrivateServer.StartAsync(isDurable: true).ConfigureAwait(false);
    }

    /// <summary>
    /// Measures two things in turns, so that what the machine does meanwhile hits both. Each is done some times before,
    /// unmeasured, until the code is compiled as it will be.
    /// </summary>
    internal async Task<(Samples Measured, Samples Baseline)> CompareAsync(Func<Task<double>> measure, Func<Task<double>> baseline)
    {
        for (var i = 0; i < (Arguments.Smoke ? 1 : WarmUps); i++)
        {
            await measure().ConfigureAwait(false);
            await baseline().ConfigureAwait(false);
        }

        var (measured, raw) = (new List<double>(), new List<double>());
        for (var i = 0; i < Arguments.Repeats; i++)
        {
            raw.Add(await baseline().ConfigureAwait(false));
            measured.Add(await measure().ConfigureAwait(false));
        }

        return (new Samples(measured), new Samples(raw));
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync().ConfigureAwait(false);
        _raw?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(_folder, recursive: true);
    }
}
