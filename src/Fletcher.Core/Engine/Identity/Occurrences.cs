using System.Runtime.InteropServices;

namespace Fletcher.Engine;

/// <summary>Counts equal calls within one execution of a body. Equal calls are interchangeable, so their order does not matter.</summary>
internal sealed class Occurrences
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, int> _counts = [];

    internal int Next(UInt128 hash)
    {
        lock (_gate)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, hash, out _);
            return count++;
        }
    }

    /// <summary>Counts a call that this execution did not make, because an earlier one had made it for good.</summary>
    internal void Pass(UInt128 hash, int occurrence)
    {
        lock (_gate)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, hash, out _);
            count = Math.Max(count, occurrence + 1);
        }
    }
}
