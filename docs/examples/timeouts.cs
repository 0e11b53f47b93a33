#:package Fletcher@*
using Fletcher;

await Nightly.Export();

static class Nightly
{
    [Flow(Timeout = "10m")]
    public static async Task Export()
    {
        foreach (var outcome in new[] { await Flow.Try(() => Polite()), await Flow.Try(() => Deaf()), await Flow.Try(() => Persistent()) })
            Console.WriteLine($"{outcome.Error!.GetType().Name}: {outcome.Error.Message}");
    }

    #region steps
    [Step(Timeout = "50ms")]
    static Task Polite(CancellationToken cancellationToken = default) => Task.Delay(TimeSpan.FromHours(1), cancellationToken);

    [Step(Timeout = "50ms")]
    static Task Deaf() => Task.Delay(TimeSpan.FromHours(1)); // takes no token

    [Step(Retries = 1_000, Backoff = "1h", TotalTimeout = "30m")]
    static async Task Persistent()
    {
        await Task.Delay(5);
        throw new IOException("no line");
    }
    #endregion
}
