using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>The runs of one flow, queue and set of labels that wait for a host and are due, by priority, fairness key and time.</summary>
public interface IClaimSource
{
    /// <summary>The flow.</summary>
    string Flow { get; }

    /// <summary>The highest priority that any of the runs has, below this one; null for none.</summary>
    int? NextPriority(int? below);

    /// <summary>The first key after this one, by code points, that a run of this priority has; from the first key on when none is given. Null when there is none.</summary>
    string? NextKey(int priority, string? after);

    /// <summary>The runs of a key after this one, the longest due first and then by id, at most so many; fewer only when there are no more.</summary>
    IReadOnlyList<DueRun> Oldest(int priority, string key, DueRun? after, int limit);
}

/// <summary>A run and since when it is due.</summary>
/// <param name="WakeAt">Its <see cref="FlowRunRecord.WakeAt"/>.</param>
/// <param name="Run">The run.</param>
public readonly record struct DueRun(DateTimeOffset WakeAt, RunId Run) : IComparable<DueRun>
{
    /// <summary>The longer due first, then by id.</summary>
    public int CompareTo(DueRun other) => WakeAt.CompareTo(other.WakeAt) is var byTime && byTime != 0 ? byTime : Run.CompareTo(other.Run);

    /// <summary>Whether one comes before the other.</summary>
    public static bool operator <(DueRun left, DueRun right) => left.CompareTo(right) < 0;

    /// <summary>Whether one comes before the other, or they are the same.</summary>
    public static bool operator <=(DueRun left, DueRun right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one comes after the other.</summary>
    public static bool operator >(DueRun left, DueRun right) => left.CompareTo(right) > 0;

    /// <summary>Whether one comes after the other, or they are the same.</summary>
    public static bool operator >=(DueRun left, DueRun right) => left.CompareTo(right) >= 0;
}
