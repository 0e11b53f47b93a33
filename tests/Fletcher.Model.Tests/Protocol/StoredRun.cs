using System.Runtime.CompilerServices;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>A row of flow runs, and what the properties need to know beside it ("ghosts": the protocol does not read them).</summary>
internal readonly struct StoredRun(byte[] bytes, int at)
{
    internal ref RunState State => ref Unsafe.As<byte, RunState>(ref bytes[at]);

    /// <summary>The host, from 1 on; 0 is null.</summary>
    internal ref byte Host => ref bytes[at + 1];

    internal ref byte Fence => ref bytes[at + 2];

    /// <summary>Whether it has a time to be woken: that time may be reached at any moment.</summary>
    internal ref byte WakeAt => ref bytes[at + 3];

    internal ref byte Crashes => ref bytes[at + 4];

    internal ref byte LastMessageSeen => ref bytes[at + 5];

    /// <summary>Ghost: somebody called the flow.</summary>
    internal ref byte IsCalled => ref bytes[at + 6];

    /// <summary>Ghost: how often somebody asked for it again.</summary>
    internal ref byte Asks => ref bytes[at + 7];

    /// <summary>Ghost: a cancel was accepted.</summary>
    internal ref byte IsCancelAsked => ref bytes[at + 8];

    internal bool IsOpen => State is > RunState.None and < RunState.Completed;

    internal bool HasEnded => State >= RunState.Completed;

    internal StoredStep Step(int step) => new(bytes, at + Layout.RowSize + (step * Layout.StoredStepSize));
}
