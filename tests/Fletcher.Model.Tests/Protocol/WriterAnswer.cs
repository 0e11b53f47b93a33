namespace Fletcher.Model.Tests.Protocol;

/// <summary>What the store has answered to a writer's commit, and the host has not looked at yet.</summary>
internal enum WriterAnswer : byte
{
    /// <summary>No commit is under way.</summary>
    None,
    Committed,
    Refused,
}
