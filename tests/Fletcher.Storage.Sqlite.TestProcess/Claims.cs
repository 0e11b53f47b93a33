using Fletcher.Model;

namespace Fletcher.Storage.Sqlite.TestProcess;

/// <summary>Takes what can be had only once.</summary>
public static class Claims
{
    public const string Flow = "Test.Once";

    public static async Task ClaimAllAsync(SqliteStore store)
    {
        var host = Guid.CreateVersion7();
        var query = new FlowRunQuery { States = [FlowRunState.Queued], Limit = 1000 };
        foreach (var run in await store.GetFlowRunsAsync(query, CancellationToken.None).ConfigureAwait(false))
        {
            var now = TimeProvider.System.GetUtcNow();
            if (await store.TryClaimAsync(run.Id, run.Version, host, now, CancellationToken.None).ConfigureAwait(false) is { } claimed)
                await Console.Out.WriteLineAsync(claimed.Id.ToString()).ConfigureAwait(false);
        }
    }

    public static async Task ClaimDueAsync(SqliteStore store)
    {
        var host = Guid.CreateVersion7();
        var now = TimeProvider.System.GetUtcNow();
        while (await store.ClaimDueAsync(
            new ClaimRequest { HostId = host, Flows = ["F"], Now = now, Limit = 7 }, CancellationToken.None).ConfigureAwait(false) is { Count: > 0 } due)
        {
            foreach (var claimed in due)
                await Console.Out.WriteLineAsync(claimed.Run.Id.ToString()).ConfigureAwait(false);
        }
    }

    public static async Task CreateAllAsync(SqliteStore store, int keys)
    {
        for (var key = 0; key < keys; key++)
        {
            var id = RunId.New(TimeProvider.System);
            var run = new FlowRunRecord
            {
                Id = id,
                Flow = Flow,
                State = FlowRunState.Running,
                OnceKey = $"{key}",
                Parameters = "{}"u8.ToArray(),
                ParametersHash = ContentHash.Of("{}"u8),
                RootRunId = id,
            };
            if (await store.TryCreateOnceAsync(run, CancellationToken.None).ConfigureAwait(false) is null)
                await Console.Out.WriteLineAsync($"{key}").ConfigureAwait(false);
        }
    }
}
