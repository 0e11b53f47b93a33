// The smallest program with Fletcher: one flow of one step, on SQLite (FLETCHER_STORE says where).
using Fletcher;

Console.WriteLine(await Greeting.Greet(args[0]).ConfigureAwait(false));

internal static class Greeting
{
    [Flow]
    internal static async Task<string> Greet(string name) => await Compose(name).ConfigureAwait(false);

    [Step]
    internal static Task<string> Compose(string name) => Task.FromResult($"Hello, {name}");
}
