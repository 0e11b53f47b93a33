namespace Fletcher.Torture.Oracle;

/// <summary>A guarantee that was broken.</summary>
/// <param name="Rule">Which.</param>
/// <param name="Seed">The seed of the flow; 0 when it is about all.</param>
/// <param name="What">What was found.</param>
internal sealed record Violation(string Rule, ulong Seed, string What)
{
    public override string ToString() => Seed == 0 ? $"{Rule}: {What}" : $"{Rule}, flow {Seed}: {What}";
}
