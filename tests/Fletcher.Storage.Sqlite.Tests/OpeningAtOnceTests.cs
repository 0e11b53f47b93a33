namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>A store that many make at the same moment is nobody's foreign database.</summary>
public sealed class OpeningAtOnceTests : SqliteTest
{
    [Fact]
    public async Task A_new_store_may_be_opened_by_many_at_once()
    {
        for (var round = 0; round < 40; round++)
        {
            var path = $"{Database}.{round}";
            using var start = new Barrier(8);
            await Task.WhenAll(Enumerable.Range(0, start.ParticipantCount).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait(Cancellation);
                    var store = new SqliteStore(path);
                    store.OpenAsync(Cancellation).AsTask().GetAwaiter().GetResult();
                    store.DisposeAsync().AsTask().GetAwaiter().GetResult();
                },
                Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        }
    }
}
