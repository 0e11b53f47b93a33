namespace Fletcher.Torture.Plans;

/// <summary>Random numbers that are the same on every machine and in every version of .NET: SplitMix64.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>One number of two, which tells their order apart.</summary>
    public static ulong Mix(ulong left, ulong right) => Scramble((Scramble(left) * 31) + right);

    public ulong Next() => Scramble(_state += 0x9E3779B97F4A7C15);

    /// <summary>A number from 0 to <paramref name="bound"/> - 1.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>A number from <paramref name="from"/> to <paramref name="to"/>, both included.</summary>
    public int Between(int from, int to) => from + Below(to - from + 1);

    /// <summary>True so often in a hundred times.</summary>
    public bool Percent(int chance) => Below(100) < chance;

    public T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    private static ulong Scramble(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
