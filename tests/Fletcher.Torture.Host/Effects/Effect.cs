using System.Globalization;

namespace Fletcher.Torture.Effects;

/// <summary>One line of the effects file.</summary>
internal sealed record Effect
{
    private const int Fields = 14;

    /// <summary>A line that was cut off by the end of its process has not got it.</summary>
    private const string End = "#";

    public required EffectKind Kind { get; init; }

    /// <summary>The flow's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The outermost run.</summary>
    public required string Root { get; init; }

    /// <summary>The run that the step belongs to.</summary>
    public required string Run { get; init; }

    /// <summary>The node; empty for <see cref="EffectKind.Taken"/>.</summary>
    public required string Path { get; init; }

    /// <summary>The step run's sequence in its run.</summary>
    public int Sequence { get; init; }

    /// <summary>The attempt of the step, or of the flow for <see cref="EffectKind.Taken"/>.</summary>
    public int Attempt { get; init; }

    /// <summary>The process.</summary>
    public required int Process { get; init; }

    /// <summary>The host.</summary>
    public required string Host { get; init; }

    /// <summary>The fence of the outermost run under which the process executes it.</summary>
    public required long Fence { get; init; }

    /// <summary>What the step was given.</summary>
    public ulong Input { get; init; }

    /// <summary>What tells one execution of a step with an undo from all others: where it returned, and where that is undone; else empty.</summary>
    public string Receipt { get; init; } = "";

    /// <summary>When, in milliseconds since 1970 (UTC).</summary>
    public required double At { get; init; }

    /// <summary>Where in the file it begins.</summary>
    public long Offset { get; init; }

    /// <summary>The line, with an end of line in front: what another process left half written stays a line of its own.</summary>
    public string Format() => string.Create(
        CultureInfo.InvariantCulture,
        $"\n{Kind}\t{Seed}\t{Root}\t{Run}\t{Path}\t{Sequence}\t{Attempt}\t{Process}\t{Host}\t{Fence}\t{Input:x}\t{Receipt}\t{At:F3}\t{End}");

    /// <summary>Reads a line; null when it is not whole.</summary>
    public static Effect? Parse(string line, long offset)
    {
        var fields = line.Split('\t');
        if (fields.Length != Fields || fields[^1] != End)
            return null;
        var culture = CultureInfo.InvariantCulture;
        return new Effect
        {
            Kind = Enum.Parse<EffectKind>(fields[0]),
            Seed = ulong.Parse(fields[1], culture),
            Root = fields[2],
            Run = fields[3],
            Path = fields[4],
            Sequence = int.Parse(fields[5], culture),
            Attempt = int.Parse(fields[6], culture),
            Process = int.Parse(fields[7], culture),
            Host = fields[8],
            Fence = long.Parse(fields[9], culture),
            Input = ulong.Parse(fields[10], NumberStyles.HexNumber, culture),
            Receipt = fields[11],
            At = double.Parse(fields[12], culture),
            Offset = offset,
        };
    }

    /// <summary>For people.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{At:F3} {Kind} {Path} #{Sequence} attempt {Attempt}, process {Process}, fence {Fence}, input {Input:x}{(Receipt.Length == 0 ? "" : $", receipt {Receipt}")} (offset {Offset})");
}
