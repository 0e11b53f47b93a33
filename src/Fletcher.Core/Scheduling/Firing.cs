using System.Globalization;

namespace Fletcher.Scheduling;

/// <summary>One time at which a schedule fires. A firing is identified by its schedule and this time.</summary>
/// <param name="Time">
/// The instant, written as the local time in the schedule's zone with the offset that holds there. Offsets with seconds, which zones had
/// long ago, are rounded to minutes; the instant stays exact.
/// </param>
public readonly record struct Firing(DateTimeOffset Time) : IComparable<Firing>
{
    /// <summary>The same instant with offset zero.</summary>
    public DateTimeOffset UtcTime => Time.ToUniversalTime();

    /// <summary>Earlier firings come first.</summary>
    public int CompareTo(Firing other) => Time.CompareTo(other.Time);

    /// <summary>Whether the left one is earlier.</summary>
    public static bool operator <(Firing left, Firing right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left one is later.</summary>
    public static bool operator >(Firing left, Firing right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left one is earlier, or both are the same instant.</summary>
    public static bool operator <=(Firing left, Firing right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left one is later, or both are the same instant.</summary>
    public static bool operator >=(Firing left, Firing right) => left.CompareTo(right) >= 0;

    /// <summary>ISO 8601 with offset: <c>2026-03-29T03:00:00+02:00</c>.</summary>
    public override string ToString() => Time.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
