namespace Fletcher.Scheduling;

/// <summary>A schedule cannot be used as it is written: the message says what is wrong with which part, where, and what is allowed.</summary>
public sealed class ScheduleFormatException : FletcherException
{
    internal ScheduleFormatException(string id, string text, int position, string field, string reason)
        : base(id, $"'{OneLine(text)}' cannot be used as a schedule: {field}, at index {position}: {reason}")
    {
        Text = text;
        Position = position;
        Field = field;
        Reason = reason;
    }

    /// <summary>What was given, as it was given.</summary>
    public string Text { get; }

    /// <summary>Where in <see cref="Text"/> the unusable part begins; the first character has index 0.</summary>
    public int Position { get; }

    /// <summary>What the unusable part was meant to be, such as <c>hour</c>, <c>BYDAY</c> or <c>zone</c>.</summary>
    public string Field { get; }

    /// <summary>What is wrong with it, what is allowed, and what was probably meant if that is plain.</summary>
    public string Reason { get; }

    private static string OneLine(string text)
    {
        const int Shown = 200;
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= Shown ? line : line[..Shown] + "…";
    }
}
