using NodaTime;

namespace Fletcher.Scheduling;

/// <summary>The times that an expression names in a zone, without what narrows them (start, end, excluded days).</summary>
internal abstract class Recurrence
{
    /// <summary>The expression; reading it again, in the same zone, gives the same times.</summary>
    internal abstract string Text { get; }

    /// <summary>
    /// The times from this one on: ascending, each once, the first at or after <paramref name="from"/>. What is given out does not depend on
    /// <paramref name="from"/> otherwise. Lazy; ends where the expression has no more times before the year 10000.
    /// </summary>
    internal abstract IEnumerable<Instant> From(Instant from);

    /// <summary>The expression in English, without its zone.</summary>
    internal abstract string Describe();
}
