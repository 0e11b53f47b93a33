namespace Fletcher.Torture.Plans;

/// <summary>How a random flow is started.</summary>
internal enum Manner
{
    /// <summary>All hosts call it, and wait for its result.</summary>
    Called,
    /// <summary>One host calls it; if that dies, others take the run.</summary>
    Served,
    /// <summary>Like <see cref="Served"/>, and it is cancelled at some moment.</summary>
    Cancelled,
    /// <summary>Like <see cref="Served"/>, and it fails when all else is done.</summary>
    Failing,
}
