namespace Fletcher.Model;

/// <summary>What a run that is over counts as when it is decided how long it is kept.</summary>
public enum RetentionKind
{
    /// <summary>It completed or was cancelled, and has no <c>Once</c> key.</summary>
    Good = 0,
    /// <summary>It failed or crashed.</summary>
    Failed = 1,
    /// <summary>It completed and has a <c>Once</c> key, which is not done again while the run is kept.</summary>
    Once = 2,
}

/// <summary>Why a run is not kept any longer.</summary>
public enum PruneReason
{
    /// <summary>It is older than its kind is kept.</summary>
    Age = 0,
    /// <summary>There are more newer ones of its kind than are kept.</summary>
    Count = 1,
}
