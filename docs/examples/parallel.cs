#:package Fletcher@*
using Fletcher;

await Mailing.Run();

static class Mailing
{
    #region flow
    [Flow]
    public static async Task Run()
    {
        var names = Flow.Map(["ada", "bob", "eve"], Capitalise);          // a step by its name
        var greetings = Flow.Map(Enumerable.Range(1, 3), i => Greet($"number {i}"), maxConcurrency: 2);
        await Task.WhenAll(names, greetings);
        Console.WriteLine(string.Join(", ", names.Result.Concat(greetings.Result)));

        var mails = await Flow.Map(["ada", "nobody", "eve"], Send, failure: MapFailure.Collect);
        foreach (var (index, outcome) in mails.Failures)
            Console.WriteLine($"item {index}: {outcome.Error!.Message}");
        Console.WriteLine($"{mails.Count} sent");

        var one = await Flow.Try(() => Send("nobody"));
        Console.WriteLine(one.IsSuccess ? "sent" : $"{one.Kind}, and the flow goes on");
    }
    #endregion

    [Step]
    static string Capitalise(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    [Step]
    static async Task<string> Greet(string name)
    {
        await Task.Delay(1);
        return $"hello {name}";
    }

    [Step]
    static async Task Send(string name)
    {
        await Task.Delay(1);
        if (name == "nobody")
            throw new ArgumentException("nobody has no address");
    }
}
