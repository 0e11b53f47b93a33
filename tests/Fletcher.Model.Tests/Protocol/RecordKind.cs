namespace Fletcher.Model.Tests.Protocol;

/// <summary>What a record in a writer says.</summary>
internal enum RecordKind : byte
{
    Create,
    StepRunning,
    StepCompleted,
    StepUnknown,

    /// <summary>A wait's end, and the mark on the message that it took.</summary>
    WaitCompleted,
    Park,
    ParkUntil,
    HandOver,
    RunCompleted,
    RunFailed,
    RunCancelled,

    /// <summary>Of <see cref="Mutation.TakenMarkComesLater"/> only.</summary>
    TakenMark,

    /// <summary>Of <see cref="Mutation.ClaimGoesThroughTheWriter"/> only.</summary>
    Claim,
}
