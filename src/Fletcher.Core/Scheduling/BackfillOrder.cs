namespace Fletcher.Scheduling;

/// <summary>With which end of the range a backfill begins.</summary>
public enum BackfillOrder
{
    /// <summary>With the earliest firing.</summary>
    OldestFirst = 0,

    /// <summary>With the latest firing.</summary>
    NewestFirst = 1,
}
