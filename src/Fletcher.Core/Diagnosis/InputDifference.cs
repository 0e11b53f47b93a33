namespace Fletcher.Diagnosis;

/// <summary>An input that is not what it was.</summary>
/// <param name="Name">The input, with the path to what differs inside it: <c>order.lines[3].price</c>.</param>
/// <param name="Before">What it was, shortened; null when it did not exist.</param>
/// <param name="After">What it is, shortened; null when it does not exist any more.</param>
public sealed record InputDifference(string Name, string? Before, string? After)
{
    /// <summary><c>month: "2026-09-01" -> "2026-10-01"</c>.</summary>
    public override string ToString() => $"{Name}: {Before ?? "(absent)"} -> {After ?? "(absent)"}";
}
