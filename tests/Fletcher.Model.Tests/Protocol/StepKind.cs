namespace Fletcher.Model.Tests.Protocol;

internal enum StepKind : byte
{
    AtLeastOnce,
    AtMostOnce,
    ReadOnly,

    /// <summary>Waits for a signal.</summary>
    Wait,

    /// <summary>Waits for a signal, or until its time is over.</summary>
    WaitUntil,

    Sleep,
}
