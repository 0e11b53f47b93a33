namespace Fletcher.Scheduling;

/// <summary>What happens to a firing while the run of an earlier one still goes on.</summary>
public enum OverlapPolicy
{
    /// <summary>It starts beside it.</summary>
    Allow = 0,

    /// <summary>It is left out.</summary>
    Skip = 1,

    /// <summary>It starts when the other has ended.</summary>
    Queue = 2,

    /// <summary>The other is cancelled, and it starts.</summary>
    CancelRunning = 3,
}
