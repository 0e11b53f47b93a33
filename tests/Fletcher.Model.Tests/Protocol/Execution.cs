using System.Runtime.CompilerServices;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>A run in the memory of a host.</summary>
internal readonly struct Execution(byte[] bytes, int at, int steps)
{
    internal ref ExecutionPhase Phase => ref Unsafe.As<byte, ExecutionPhase>(ref bytes[at]);

    internal ref byte Fence => ref bytes[at + 1];

    /// <summary>The host knows that it has lost the lease.</summary>
    internal ref byte IsLost => ref bytes[at + 2];

    internal ref byte IsCancelled => ref bytes[at + 3];

    /// <summary>Somebody has asked for it: a step that became Unknown may run again.</summary>
    internal ref byte IsAsked => ref bytes[at + 4];

    /// <summary>A bit for each message that it was given and did not take; bit 0 is message 1.</summary>
    internal ref byte Inbox => ref bytes[at + 5];

    /// <summary>It was given all messages up to this number.</summary>
    internal ref byte Seen => ref bytes[at + 6];

    /// <summary>The fence that the host saw when it looked at a row that it does not hold; 0 if it did not look.</summary>
    internal ref byte Looked => ref bytes[at + 7];

    /// <summary>When it looked, it thought that the row's host is dead.</summary>
    internal ref byte Suspects => ref bytes[at + 8];

    internal bool CanGoOn => Phase == ExecutionPhase.Running && IsLost == 0 && IsCancelled == 0;

    internal StepMemory Step(int step) => new(bytes, at + Layout.ExecutionSize + (step * Layout.StepSize));

    internal bool HasInInbox(int number) => (Inbox & (1 << (number - 1))) != 0;

    internal void Forget() => bytes.AsSpan(at, Layout.ExecutionSize + (steps * Layout.StepSize)).Clear();
}
