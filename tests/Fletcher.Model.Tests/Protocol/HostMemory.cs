using System.Runtime.CompilerServices;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>What a process knows, all of which is gone when it is killed.</summary>
internal readonly struct HostMemory(Layout layout, byte[] bytes, int host)
{
    private readonly int _at = layout.HostAt(host);

    internal ref byte IsAlive => ref bytes[_at];

    internal ref WriterAnswer Answer => ref Unsafe.As<byte, WriterAnswer>(ref bytes[_at + 1]);

    /// <summary>So many of the pending records the answer is about, from the first.</summary>
    internal ref byte AnswerCount => ref bytes[_at + 2];

    /// <summary>The inbox has given the runs all messages up to this number.</summary>
    internal ref byte LastRead => ref bytes[_at + 3];

    /// <summary>The inbox has read up to this number and has not given them yet; 0 if it is not reading.</summary>
    internal ref byte ReadTo => ref bytes[_at + 4];

    internal ref byte PendingCount => ref bytes[_at + 5];

    internal Execution Execution(int run) => new(bytes, layout.ExecutionAt(host, run), layout.Steps);

    internal PendingRecord Pending(int index) => new(bytes, layout.RecordAt(host, index));

    internal void Add(RecordKind kind, int run, int fence, int step = 0, int value = 0)
    {
        if (PendingCount == layout.Records)
            throw new InvalidOperationException("The model's writer is full: Layout.Records is too small.");
        Pending(PendingCount++).Set(kind, run, fence, step, value);
    }

    internal void RemovePending(int index)
    {
        var from = layout.RecordAt(host, index);
        var end = layout.RecordAt(host, PendingCount);
        bytes.AsSpan((from + Layout.RecordSize)..end).CopyTo(bytes.AsSpan(from));
        bytes.AsSpan(end - Layout.RecordSize, Layout.RecordSize).Clear();
        PendingCount--;
    }

    internal void Forget() => bytes.AsSpan(_at, layout.HostBytes).Clear();
}
