using System.Runtime.CompilerServices;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>A record in a writer. Its lease is (run, fence).</summary>
internal readonly struct PendingRecord(byte[] bytes, int at)
{
    internal ref RecordKind Kind => ref Unsafe.As<byte, RecordKind>(ref bytes[at]);

    internal ref byte Run => ref bytes[at + 1];

    internal ref byte Fence => ref bytes[at + 2];

    internal ref byte Step => ref bytes[at + 3];

    /// <summary>A step's result; a wait's message; of a record that parks, the last message that was seen.</summary>
    internal ref byte Value => ref bytes[at + 4];

    /// <summary>The store's answer names this record's lease as lost.</summary>
    internal ref byte IsRefused => ref bytes[at + 5];

    internal void Set(RecordKind kind, int run, int fence, int step, int value)
    {
        Kind = kind;
        Run = (byte)run;
        Fence = (byte)fence;
        Step = (byte)step;
        Value = (byte)value;
    }
}
