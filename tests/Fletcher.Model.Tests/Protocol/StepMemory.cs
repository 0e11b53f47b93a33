using System.Runtime.CompilerServices;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>A step in the memory of a host.</summary>
internal readonly struct StepMemory(byte[] bytes, int at)
{
    internal ref StepPhase Phase => ref Unsafe.As<byte, StepPhase>(ref bytes[at]);

    internal ref byte Value => ref bytes[at + 1];

    internal bool IsInFlight => Phase is StepPhase.Starting or StepPhase.Begun or StepPhase.Done;

    internal void End(byte value)
    {
        Phase = StepPhase.Ended;
        Value = value;
    }
}
