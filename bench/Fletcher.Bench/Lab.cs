using Fletcher.Bench.Baselines;
using Fletcher.Bench.Measuring;
using Fletcher.Hosting;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Bench;

/// <summary>Where it is measured: a folder, and in it a database of Fletcher's and one of the baselines.</summary>
internal sealed class Lab : IAsyncDisposable
{
    private const int WarmUps = 3;

    private readonly string _folder;
    private FletcherHost? _host;
    private RawDatabase? _raw;

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

    internal RawDatabase Raw => _raw ??= new RawDatabase(File("baseline.db"), Arguments.Durability);

    internal string File(string name) => Path.Combine(_folder, name);

    internal FletcherHost NewHost(string file) => NewHost(Arguments.Sqlite ? File(file) : null, Arguments.Durability);

    /// <summary>A host on a SQLite file, or in memory without one.</summary>
    internal static FletcherHost NewHost(string? path, Durability durability) => new(new FletcherOptions
    {
        Store = path is null
            ? () => new MemoryStore()
            : () => new SqliteStore(new SqliteStoreOptions { Path = path, Durability = durability }),
    });

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
        Directory.Delete(_folder, recursive: true);
    }
}
