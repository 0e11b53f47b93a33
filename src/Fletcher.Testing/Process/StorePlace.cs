using Fletcher.Storage;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Testing;

/// <summary>Where the runs of a test's host are, over all its processes.</summary>
internal sealed class StorePlace : IDisposable
{
    private readonly MemoryStore? _memory;
    private readonly DirectoryInfo? _folder;
    private readonly TimeProvider _time;

    internal StorePlace(bool isSqlite, TimeProvider time)
    {
        _time = time;
        if (isSqlite)
            _folder = Directory.CreateTempSubdirectory("fletcher-test-");
        else
            _memory = new MemoryStore(time);
    }

    /// <summary>The store as a new process opens it.</summary>
    internal IRunStore Open() => _memory ?? (IRunStore)new SqliteStore(new SqliteStoreOptions
    {
        Path = Path.Combine(_folder!.FullName, "runs.db"),
        Durability = Durability.Process, // no test cuts the power
        TimeProvider = _time,
    });

    public void Dispose() => _folder?.Delete(recursive: true);
}
