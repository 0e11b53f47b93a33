namespace Fletcher.EndToEnd.Programs;

internal static class Ordinary
{
    [Flow]
    public static async Task<string> Hello(string name)
    {
        Console.WriteLine("flow on stdout");
        var greeting = await Greet(name);
        return greeting + "!";
    }

    /// <summary>Runs once for a month, whichever process does it; each run leaves a line in the file.</summary>
    [Flow(Once = "{month}")]
    public static async Task<string> Once(string month, [NotInput] string file)
    {
        ArgumentNullException.ThrowIfNull(month);
        return await Append(file);
    }

    [Flow]
    public static async Task Count(int process, int round)
    {
        for (var i = 0; i < 10; i++)
            await Add(process, round, i);
    }

    [Step]
    private static Task<string> Greet(string name)
    {
        Console.WriteLine("step on stdout");
        Console.Error.WriteLine("step on stderr");
        return Task.FromResult("Hello " + name);
    }

    [Step]
    private static async Task<string> Append(string file)
    {
        var text = Guid.NewGuid().ToString();
        await File.AppendAllLinesAsync(file, [text]);
        return text;
    }

    [Step]
    private static Task<int> Add(int process, int round, int value) => Task.FromResult(process + round + value);
}
