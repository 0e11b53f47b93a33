#:package Fletcher@*
using Fletcher;
using Fletcher.Model;

var shop = new Shop("Ada's");
Console.WriteLine(await shop.Open(new DateOnly(2026, 10, 1)));
Console.WriteLine($"outside a flow: {shop.Count([1, 2])}, {Flow.IsRunning}");

sealed class Shop(string name)
{
    #region flow
    [Flow(Name = "opening {day:yyyy-MM-dd}", Tags = ["shop"])]
    public async Task<string> Open(DateOnly day, CancellationToken cancellationToken = default)
    {
        var stock = new List<int>();
        await foreach (var box in Unpack(day))                      // a sequence is remembered whole
            stock.Add(box);

        var total = Count(stock);                                   // a synchronous step
        var weather = await Step.Run("weather", () => Weather.Of(day), key: day);
        var till = await CountTill(day);                            // a flow inside a flow
        var newsletter = await Flow.Start(() => SendNewsletter(day)); // a run of its own

        if (Flow.Random.Next(1_000) < 0)
            throw new InvalidOperationException("never");
        await newsletter.Completion;
        return $"{name}: {total} boxes, {weather}, {till} EUR in the till, attempt {Flow.Current.FlowAttempt}";
    }
    #endregion

    #region steps
    [Step(Name = "unpack {day:dddd}")]
    private async IAsyncEnumerable<int> Unpack(DateOnly day)
    {
        for (var box = 1; box <= 3; box++)
        {
            await Task.Delay(1);
            yield return box;
        }
    }

    [Step]
    public int Count(IReadOnlyList<int> boxes) => boxes.Count;

    [Flow]
    private async Task<decimal> CountTill(DateOnly day) => await Money(day);

    [Step]
    private static ValueTask<decimal> Money(DateOnly day) => new(120.50m);

    [Flow]
    private static async Task SendNewsletter(DateOnly day) => await Mail($"We are open on {day:D}");

    [Step]
    private static async Task Mail(string text)
    {
        await Task.Delay(1);
        Flow.Report.Markdown("mail", $"**{text}**");
        Flow.Report.Progress(1, "sent");
    }
    #endregion
}

static class Weather
{
    public static Task<string> Of(DateOnly day) => Task.FromResult("rain");
}
