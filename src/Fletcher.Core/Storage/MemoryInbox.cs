namespace Fletcher.Storage;

/// <summary>What <see cref="MemoryMessages"/> knows of the messages to one family of runs.</summary>
internal sealed class MemoryInbox
{
    /// <summary>The number of the last message.</summary>
    public long Last { get; set; }

    /// <summary>The number of the last message that wakes a run which waits for a fix.</summary>
    public long LastForFix { get; set; }

    /// <summary>The numbers of all.</summary>
    public List<long> Numbers { get; } = [];

    /// <summary>The numbers of those that nobody has taken.</summary>
    public SortedSet<long> Untaken { get; } = [];
}
