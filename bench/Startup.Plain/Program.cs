// What Startup.Fletcher does, without Fletcher: the difference of the two is what Fletcher costs a program that starts.
Console.WriteLine(await Greeting.Greet(args[0]).ConfigureAwait(false));

internal static class Greeting
{
    internal static async Task<string> Greet(string name) => await Compose(name).ConfigureAwait(false);

    private static Task<string> Compose(string name) => Task.FromResult($"Hello, {name}");
}
