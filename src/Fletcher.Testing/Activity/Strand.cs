namespace Fletcher.Testing;

/// <summary>A flow run or step run under way, with what runs inside it. The lock of its <see cref="Activity"/> guards it.</summary>
internal sealed class Strand(string name, Strand? outer, bool isBlocking)
{
    internal string Name { get; } = name;

    internal Strand? Outer { get; } = outer;

    /// <summary>Whether its caller blocks a thread until it is over.</summary>
    internal bool BlocksThread { get; } = isBlocking;

    /// <summary>Whether somebody around it blocks a thread until it is over, so that it cannot be left hanging.</summary>
    internal bool IsBlocking { get; } = isBlocking || outer is { IsBlocking: true };

    /// <summary>How many strands run inside it, or waits that it is in. With none, its own code runs.</summary>
    internal int Inside { get; set; }

    internal bool IsOver { get; set; }
}
