namespace Fletcher.Torture.Plans;

/// <summary>What a node returned, with all that is inside it.</summary>
/// <param name="Value">A number that depends on what each node returned, and not on time.</param>
/// <param name="Unknown">The nodes of which nobody knows whether they took effect, in the order of the plan.</param>
internal sealed record Folded(ulong Value, string[] Unknown)
{
    private const ulong FailedSalt = 0xFA11;

    /// <summary>A step that returned.</summary>
    public static Folded Done(Node node, ulong input) => new(Dice.Mix(input, node.Salt), []);

    /// <summary>A node that returned what is inside it.</summary>
    public static Folded Done(Node node, Folded inside) => inside with { Value = Dice.Mix(inside.Value, node.Salt) };

    /// <summary>A node that failed as it was to.</summary>
    public static Folded Failed(Node node, ulong input) => new(Dice.Mix(input, node.Salt ^ FailedSalt), []);

    /// <summary>Several that ran at the same time, in the order of the plan.</summary>
    public static Folded All(ulong input, IEnumerable<Folded> parts)
    {
        var value = input;
        var unknown = new List<string>();
        foreach (var part in parts)
        {
            value = Dice.Mix(value, part.Value);
            unknown.AddRange(part.Unknown);
        }

        return new Folded(value, [.. unknown]);
    }
}
