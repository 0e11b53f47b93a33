namespace Fletcher.Model.Tests.Protocol;

/// <summary>A step run's state in its row.</summary>
internal enum StoredStepState : byte
{
    /// <summary>There is no row.</summary>
    None,

    /// <summary>An at-most-once step may have begun.</summary>
    Running,
    Completed,

    /// <summary>Nobody knows whether the effect happened.</summary>
    Unknown,
}
