using System.Text;

namespace Fletcher.EndToEnd.Programs;

/// <summary>Flows that put a secret wherever a text can leave a process.</summary>
internal static class Leaking
{
    private static int _tries;

    private static bool IsWell => Environment.GetEnvironmentVariable("WELL") is not null;

    internal static async Task Set()
    {
        await Flow.Client.SetSecretAsync("leaked", Environment.GetEnvironmentVariable("LEAKED")!);
        Console.WriteLine("set");
    }

    /// <summary>Without a secret the same text goes the same ways, and is found everywhere: so the test can fail.</summary>
    internal static async Task Run(bool isSecret)
    {
        Console.WriteLine($"kept exactly: {await Leaks(isSecret ? Secrets.Get("leaked") : null)}");
        Console.WriteLine($"outside {TextOf(isSecret ? Secrets.Get("leaked") : null)}");
    }

    [Flow(OnRerun = OnRerun.Resume)]
    public static async Task<bool> Leaks(Secret? secret)
    {
        var returned = Returns(secret);
        var text = TextOf(secret);
        Console.WriteLine($"body {text}");
        Console.Error.WriteLine($"escaped {Uri.EscapeDataString(text)} {Convert.ToBase64String(Encoding.UTF8.GetBytes($"user:{text}"))}");
        Console.Out.Write(text.ToCharArray());
        Console.Out.WriteLine();
        Flow.Report.Markdown("markdown", $"# {text}");
        Flow.Report.Table("table", [new { Column = text }]);
        Flow.Report.Progress(0.5, text);
        Flow.Report.Link("link", new Uri($"https://example.org/?key={Uri.EscapeDataString(text)}"));
        Takes(text, new string('x', 5000) + text, new Dictionary<string, string> { [text] = text });
        await Inner(text);
        Undoable(text);
        try
        {
            Throws(text, 1);
        }
        catch (InvalidOperationException e)
        {
            Console.WriteLine(e);
        }

        Retries(text);
        if (!IsWell)
            Throws(text, 2);
        return returned == text;
    }

    [Flow(Isolation = Isolation.Process)]
    public static string LeaksElsewhere(Secret secret)
    {
        var text = secret.Reveal();
        Console.WriteLine($"child {text}");
        Say(text);

        // Past everything that Fletcher could see in this process.
        using var raw = Console.OpenStandardError();
        raw.Write(Encoding.UTF8.GetBytes($"raw {text}\n"));
        return "done";
    }

    [Step]
    internal static void Say(string text) => Console.Error.WriteLine($"step of the child {text}");

    /// <summary>Nobody but the runtime would tell of it.</summary>
    internal static void Fall(bool isSecret) => throw new InvalidOperationException($"outside of flows: {TextOf(isSecret ? Secrets.Get("leaked") : null)}");

    [Step]
    internal static string Returns(Secret? secret) => TextOf(secret);

    [Step(Name = "takes {text}")]
    internal static void Takes(string text, string longText, Dictionary<string, string> texts) => Console.WriteLine($"step {text} {longText.Length} {texts.Count}");

    [Flow(Name = "inner {text}")]
    public static async Task<string> Inner(string text)
    {
        await Task.Yield();
        return text;
    }

    [Step(Undo = nameof(Undo))]
    internal static int Undoable(string text) => text.Length;

    [Step]
    internal static void Undo(string text) => Console.WriteLine($"undo {text}");

    [Step(Retries = 1, Backoff = "1ms")]
    internal static int Retries(string text) => _tries++ == 0 ? throw new TimeoutException($"retry {text}") : 1;

    [Step]
    internal static int Throws(string text, int number) => throw new InvalidOperationException($"failed {number} with {text}", new ArgumentException(new string('y', 16_000) + text));

    private static string TextOf(Secret? secret) => secret?.Reveal() ?? Environment.GetEnvironmentVariable("LEAKED")!;
}
