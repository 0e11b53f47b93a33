namespace Fletcher.Testing;

/// <summary>A flow run or step run under way, with what runs inside it. The lock of its <see cref="Activity"/> guards it.</summary>
internal sealed class Strand(string name, Strand? outer, bool isBlocking, bool isApart)
{
    internal string Name { get; } = name;

    internal Strand? Outer { get; } = outer;

    /// <summary>Whether its caller blocks a thread until it is over.</summary>
    internal bool BlocksThread { get; } = isBlocking;

    /// <summary>Whether somebody around it blocks a thread until it is over, so that it cannot be left hanging.</summary>
    internal bool IsBlocking { get; } = isBlocking || (!isApart && outer is { IsBlocking: true });

    /// <summary>How many strands run inside it, or waits that it is in. With none, its own code runs.</summary>
    internal int Inside { get; set; }

    internal bool IsOver { get; set; }

    /// <summary>Whether it ends with the other one. A run that was started on its own does not end with the one that started it.</summary>
    internal bool IsInside(Strand other)
    {
        for (var strand = this; strand is { IsApart: false, Outer: { } outer }; strand = outer)
        {
            if (outer == other)
                return true;
        }

        return false;
    }

    private bool IsApart { get; } = isApart;
}
