using System.Runtime.InteropServices;

namespace Fletcher.Engine;

/// <summary>Counts the calls from each place within one strand.</summary>
internal sealed class SiteCounts
{
    private readonly Lock _gate = new();
    private Dictionary<ulong, int>? _others;
    private ulong _first;
    private int _firstCount;

    internal int Next(ulong site)
    {
        lock (_gate)
        {
            // Most strands call from one place only: no dictionary for them.
            if (_firstCount == 0 || _first == site)
            {
                _first = site;
                return _firstCount++;
            }

            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_others ??= [], site, out _);
            return count++;
        }
    }
}
