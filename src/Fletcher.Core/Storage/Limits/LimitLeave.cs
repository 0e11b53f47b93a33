namespace Fletcher.Storage;

/// <summary>Gives a place back, or leaves the line.</summary>
/// <param name="Place">Its id. One that is not there is no mistake: it went with its lease.</param>
/// <param name="End">How what was done under it ended, for the breaker; of no account when it had not started.</param>
/// <param name="Kind">What kind of error it failed with, at most 400 characters; null unless it failed.</param>
public sealed record LimitLeave(Guid Place, LimitEnd End = LimitEnd.Unknown, string? Kind = null);

/// <summary>How what was done under a limit ended.</summary>
public enum LimitEnd
{
    /// <summary>It did not begin, or was stopped: that says nothing about what the limit protects.</summary>
    Unknown = 0,
    /// <summary>It succeeded.</summary>
    Succeeded = 1,
    /// <summary>It failed.</summary>
    Failed = 2,
}
