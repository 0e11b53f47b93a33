namespace Fletcher.EndToEnd.Programs;

/// <summary>Has a member that no JSON can hold. Declared as object where it is used, as the compiler's analyzer would see it otherwise.</summary>
internal sealed class Handle
{
    public Type Kind { get; } = typeof(int);
}

internal static class Unstorable
{
    [Flow]
    public static async Task Parameter(object handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        await Ordinary.Hello("never");
    }

    [Flow(OnRerun = OnRerun.Resume)]
    public static async Task StepParameter([NotInput] bool isWell)
    {
        await Before();
        await Take(isWell ? "plain" : new Handle());
        Console.WriteLine("well");
    }

    [Flow(OnRerun = OnRerun.Resume)]
    public static async Task Result([NotInput] bool isWell)
    {
        await Before();
        await Give(isWell);
        Console.WriteLine("well");
    }

    [Step]
    private static Task Before()
    {
        Console.WriteLine("first step ran");
        return Task.CompletedTask;
    }

    [Step]
    private static Task Take(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Task.CompletedTask;
    }

    [Step]
    private static Task<object> Give([NotInput] bool isWell) => Task.FromResult<object>(isWell ? "plain" : new Handle());
}
