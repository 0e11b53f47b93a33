using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Storage.Sqlite.TestProcess;

/// <summary>Sends to a run what its reader can count.</summary>
public static class Messages
{
    public static async Task SendAsync(SqliteStore store, RunId run)
    {
        for (var i = 0; ; i++)
        {
            var message = new RunMessage
            {
                RunId = run,
                Kind = MessageKind.Signal,
                Name = i.ToString(CultureInfo.InvariantCulture),
                SentAt = TimeProvider.System.GetUtcNow(),
                Actor = "test",
            };
            var kept = await store.SendAsync(message, CancellationToken.None).ConfigureAwait(false);
            await Console.Out.WriteLineAsync(kept!.Number.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false);
        }
    }
}
