namespace Fletcher.Terminal;

/// <summary>What plain lines have said about a group, so that they can stop saying it one by one.</summary>
internal sealed class LineBudget
{
    /// <summary>How many step runs had a line of their own.</summary>
    internal int Single { get; set; }

    /// <summary>How many of those did not run: reused, cached, skipped.</summary>
    internal int Quiet { get; set; }

    /// <summary>How many retries had a line.</summary>
    internal int Retries { get; set; }

    /// <summary>Whether only summaries are written from now on.</summary>
    internal bool IsSummarised { get; set; }

    /// <summary>Whether something happened since the last summary.</summary>
    internal bool IsDirty { get; set; }

    /// <summary>When the last summary was written; null when none was.</summary>
    internal DateTimeOffset? SummaryAt { get; set; }

    /// <summary>When a summary said last that nothing runs any more; null when none did.</summary>
    internal DateTimeOffset? SettledAt { get; set; }
}
