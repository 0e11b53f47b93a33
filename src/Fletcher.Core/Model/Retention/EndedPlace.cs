namespace Fletcher.Model;

/// <summary>Where a run stands among those that ended: by its end, and of equal ends by its id.</summary>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Run">The run.</param>
public readonly record struct EndedPlace(DateTimeOffset EndedAt, RunId Run) : IComparable<EndedPlace>
{
    /// <summary>Behind all runs that ended before an instant, and before all others.</summary>
    public static EndedPlace Before(DateTimeOffset instant) => new(instant, default);

    /// <inheritdoc/>
    public int CompareTo(EndedPlace other) => EndedAt.CompareTo(other.EndedAt) is not 0 and var order ? order : Run.CompareTo(other.Run);

    /// <summary>The earlier one.</summary>
    internal static EndedPlace Min(EndedPlace one, EndedPlace other) => one.CompareTo(other) <= 0 ? one : other;

    /// <summary>Orders by time, then by id.</summary>
    public static bool operator <(EndedPlace left, EndedPlace right) => left.CompareTo(right) < 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator >(EndedPlace left, EndedPlace right) => left.CompareTo(right) > 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator <=(EndedPlace left, EndedPlace right) => left.CompareTo(right) <= 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator >=(EndedPlace left, EndedPlace right) => left.CompareTo(right) >= 0;
}
