namespace Fletcher.Cli.Tests;

/// <summary>Flows that the tests' stores hold runs of.</summary>
internal static class Work
{
    /// <summary>Adds two numbers, in two steps.</summary>
    [Flow(Tags = ["sums"])]
    public static async Task<int> Add(int a, int b)
    {
        var doubled = await Double(a);
        return await Sum(doubled, b);
    }

    [Step]
    public static Task<int> Double(int n) => Task.FromResult(n * 2);

    [Step]
    public static Task<int> Sum(int a, int b)
    {
        Console.WriteLine($"adding {a} and {b}");
        return Task.FromResult(a + b);
    }

    /// <summary>Says for which day it is.</summary>
    [Flow(Tags = ["reports"])]
    public static async Task<string> Report([ScheduledTime] DateOnly day, string customer = "all")
    {
        await Double(1);
        return $"{day:yyyy-MM-dd} {customer}";
    }

    /// <summary>Fails in its second step.</summary>
    [Flow]
    public static async Task<int> Break(string what)
    {
        await Double(1);
        return await Fall(what);
    }

    [Step]
    public static Task<int> Fall(string what) => throw new InvalidOperationException($"{what} fell");

    /// <summary>Asks, and says what it was told.</summary>
    [Flow]
    public static async Task<bool> Approve(int amount) => await Flow.Ask<bool>($"Pay {amount}?", "ada");

    /// <summary>Waits for a signal.</summary>
    [Flow]
    public static async Task<int> Listen()
    {
        await Tell("before");
        var told = await Flow.WaitFor<int>("go");
        await Tell("after");
        return told;
    }

    [Step]
    public static Task Tell(string word)
    {
        Console.WriteLine($"it is {word}");
        return Task.CompletedTask;
    }

    /// <summary>Maps many.</summary>
    [Flow]
    public static async Task<int> Many(int count)
    {
        var doubled = await Flow.Map(Enumerable.Range(0, count), Double);
        return doubled.Count;
    }
}
