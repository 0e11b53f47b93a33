namespace Fletcher.Model.Tests.Protocol;

/// <summary>How far a host is with a run that it has in memory.</summary>
internal enum ExecutionPhase : byte
{
    /// <summary>The host does not have the run.</summary>
    None,

    /// <summary>The claim is durable.</summary>
    Claimed,

    /// <summary>The inbox knows that the host has the run.</summary>
    Registered,

    /// <summary>Results and messages are read; the body runs.</summary>
    Running,

    /// <summary>The record that parks it or hands it over is in the writer. Nothing is done in it any more.</summary>
    Parking,

    /// <summary>The record of its end is in the writer. Nothing is done in it any more.</summary>
    Ending,
}
