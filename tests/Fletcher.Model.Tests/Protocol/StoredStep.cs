using System.Runtime.CompilerServices;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>A row of step runs, and what the world has seen of the step.</summary>
internal readonly struct StoredStep(byte[] bytes, int at)
{
    internal ref StoredStepState State => ref Unsafe.As<byte, StoredStepState>(ref bytes[at]);

    internal ref byte Value => ref bytes[at + 1];

    /// <summary>Ghost: the fence under which the row was written.</summary>
    internal ref byte Fence => ref bytes[at + 2];

    /// <summary>Ghost: how often its effect has happened.</summary>
    internal ref byte Effects => ref bytes[at + 3];
}
