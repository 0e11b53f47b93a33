using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Fletcher.Torture.Conductor;

/// <summary>A SQLite file in the torture's folder.</summary>
internal sealed class TorturedFile(string folder) : ITorturedStore
{
    public string Place { get; } = Path.Combine(folder, "store.db");

    public string PlaceForHosts => Place;

    public Task CalmAsync() => Task.CompletedTask;

    public Task<string> CheckAsync()
    {
        using var connection = new SqliteConnection(string.Create(CultureInfo.InvariantCulture, $"Data Source={Place};Pooling=False"));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return Task.FromResult((string)command.ExecuteScalar()!);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
