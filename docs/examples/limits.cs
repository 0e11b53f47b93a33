#:package Fletcher@*
using Fletcher;
using Fletcher.Hosting;
using Fletcher.Model;

#region declare
var options = new FletcherOptions().UseSqlite("runs.db");
options.Limits
    .Add("smtp", slots: 2)
    .Add("customer", slots: 1)
    .AddRate("crm", 100, TimeSpan.FromMinutes(1), burst: 10)
    .AddBreaker("crm", failures: 5, window: TimeSpan.FromMinutes(1), openFor: TimeSpan.FromMinutes(2));
#endregion

await using var host = new FletcherHost(options);
Console.WriteLine($"{await host.RunAsync(() => Mails.Send())} mails sent, {Mails.Most} at once at the most");

#region run time
var client = host.Client.As("ada");
await client.SetLimitAsync("smtp", new LimitSettings { Slots = 5 }, "the new server is here");
var smtp = (await client.GetLimitsAsync()).Single(limit => limit.Name == "smtp");
Console.WriteLine($"declared: {smtp.Declared!.Settings.Slots} slots; {smtp.Set!.Actor} set {smtp.Settings.Slots}: {smtp.Set.Reason}");
await client.ResetLimitAsync("smtp");
#endregion

static class Mails
{
    static int now;

    public static int Most;

    [Flow]
    public static async Task<int> Send()
    {
        var mails = await Task.WhenAll(Enumerable.Range(1, 6).Select(i => SendMail(i)));
        await Task.WhenAll(mails.Select(mail => Note("customer " + mail % 2, mail)));
        return mails.Length;
    }

    #region steps
    [Step(Limit = "smtp")]
    static async Task<int> SendMail(int number)
    {
        Most = Math.Max(Most, Interlocked.Increment(ref now));
        await Task.Delay(20);
        Interlocked.Decrement(ref now);
        return number;
    }

    [Step(Limit = "customer", LimitKey = "{customer}")]
    static Task Note(string customer, int mail) => File.AppendAllTextAsync($"{customer}.txt", $"{mail}\n");

    [Step(Limit = "crm", LimitWeight = 3, Retries = 3, Backoff = "1s")]
    static Task<string> Export(HttpClient http) => http.GetStringAsync("https://crm.example/export");
    #endregion
}
