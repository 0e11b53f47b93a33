using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Fletcher.Torture.Conductor;

/// <summary>A SQLite file in the torture's folder.</summary>
internal sealed class TorturedFile(string folder) : ITorturedStore
{
    // Where writers lock a file's shared memory: https://www.sqlite.org/walformat.html#wal_locks
    private const string WriteLock = "120";

    public string Place { get; } = Path.Combine(folder, "store.db");

    public string PlaceForHosts => Place;

    /// <summary>Asks the system: to try the lock would wait for it, and hold up everybody meanwhile.</summary>
    public bool IsLockedBy(int process) => File.ReadLines("/proc/locks")
        .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(part => part is [_, "POSIX", _, "WRITE", var holder, _, WriteLock, ..] && holder == process.ToString(CultureInfo.InvariantCulture));

    public Task CalmAsync() => Task.CompletedTask;

    /// <summary>It is in the folder.</summary>
    public Task KeepAsync(string folder) => Task.CompletedTask;

    public Task<string> CheckAsync()
    {
        using var connection = new SqliteConnection($"Data Source={Place};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return Task.FromResult((string)command.ExecuteScalar()!);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
