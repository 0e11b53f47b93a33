#:package Fletcher@*
using System.Net;
using Fletcher;

Console.WriteLine(await Rates.Update());

static class Rates
{
    [Flow]
    public static async Task<decimal> Update()
    {
        var rate = await Fetch("EUR");
        await Save(rate);
        return rate;
    }

    #region steps
    [Step(Retries = 3, Backoff = "10ms, 50ms", RetryIf = nameof(IsTransient))]
    static async Task<decimal> Fetch(string currency)
    {
        await Task.Delay(10);
        var attempt = Flow.Current.StepAttempt;
        Console.WriteLine($"attempt {attempt}");
        if (attempt == 1)
            throw new HttpRequestException("503", null, HttpStatusCode.ServiceUnavailable);
        if (attempt == 2)
            throw new RetryAfterException("busy", TimeSpan.FromMilliseconds(200));
        return 1.09m;
    }

    [Step(Retries = 5, Backoff = "exponential 1s max 1m", Jitter = 0.2, RetryOn = [typeof(IOException)])]
    static Task Save(decimal rate) => File.WriteAllTextAsync("rate.txt", $"{rate}");

    static bool IsTransient(Exception error) =>
        error is RetryAfterException or HttpRequestException { StatusCode: >= HttpStatusCode.InternalServerError };
    #endregion
}
