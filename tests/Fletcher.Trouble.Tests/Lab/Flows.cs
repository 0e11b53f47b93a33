namespace Fletcher.Trouble;

/// <summary>The flows that trouble comes to.</summary>
internal static class Flows
{
    /// <summary>Effects that may happen once only, each followed by something that needs room on the disk.</summary>
    [Flow]
    internal static async Task<string> Effects(string laboratory, int count, int room)
    {
        var outcomes = new List<OutcomeKind>();
        for (var i = 0; i < count; i++)
        {
            outcomes.Add((await Flow.Try(() => Once(laboratory, i))).Kind);
            await TakeRoom(i, room);
        }

        return string.Join(' ', outcomes);
    }

    [Flow(Once = "{laboratory}")]
    internal static Task<string> Shared(string laboratory) => Effects(laboratory, 1, 0);

    [Flow]
    internal static async Task<int> Retries(string laboratory)
    {
        return await FailAtFirst(laboratory);
    }

    [Flow(Retries = 1, Backoff = "2s")]
    internal static async Task<int> IsRetried(string laboratory)
    {
        if (Laboratory.Of(laboratory).IsFirstTry)
            throw new InvalidOperationException("at first it fails");
        await Task.Yield();
        return Laboratory.Of(laboratory).Effects.Count;
    }

    [Flow]
    internal static async Task<int> Sleeps(TimeSpan length)
    {
        await Flow.Sleep(length);
        return 1;
    }

    [Flow]
    internal static async Task<int> SleepsUntil(DateTimeOffset until)
    {
        await Flow.SleepUntil(until);
        return 1;
    }

    [Flow]
    internal static async Task<int> Waits(TimeSpan? timeout) => await Flow.WaitFor<int>("paid", timeout);

    [Step(Delivery = Delivery.AtMostOnce, Name = "{number}")]
    private static async Task<int> Once(string laboratory, int number)
    {
        await Laboratory.Of(laboratory).HaveEffectAsync(number);
        return number;
    }

    [Step]
    private static Task<byte[]> TakeRoom(int number, int bytes)
    {
        var room = new byte[bytes];
        new Random(number).NextBytes(room);
        return Task.FromResult(room);
    }

    [Step(Retries = 1, Backoff = "2s")]
    private static Task<int> FailAtFirst(string laboratory) => Laboratory.Of(laboratory).IsFirstTry
        ? throw new InvalidOperationException("at first it fails")
        : Task.FromResult(Laboratory.Of(laboratory).Effects.Count);
}
