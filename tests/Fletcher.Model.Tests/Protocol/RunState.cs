namespace Fletcher.Model.Tests.Protocol;

/// <summary>A run's state in its row.</summary>
internal enum RunState : byte
{
    /// <summary>There is no row.</summary>
    None,
    Running,
    Waiting,
    Queued,
    Crashed,
    Completed,
    Failed,
    Cancelled,
}
