namespace Fletcher.Model.Tests.Protocol;

/// <summary>How far an execution is with a step.</summary>
internal enum StepPhase : byte
{
    None,

    /// <summary>The Running record of an at-most-once step is in the writer.</summary>
    Starting,

    /// <summary>It was decided that the body begins; what it does to the world has not happened yet.</summary>
    Begun,

    /// <summary>The effect has happened; the host has not noted it.</summary>
    Done,

    /// <summary>The result is known: from memory, or because its record is in the writer.</summary>
    Ended,
    Unknown,
}
