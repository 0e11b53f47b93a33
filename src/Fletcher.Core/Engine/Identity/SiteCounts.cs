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
            return Count(site)++;
    }

    /// <summary>Counts a call that this execution did not make, because an earlier one had made it for good.</summary>
    internal void Pass(ulong site, int occurrence)
    {
        lock (_gate)
        {
            ref var count = ref Count(site);
            count = Math.Max(count, occurrence + 1);
        }
    }

    private ref int Count(ulong site)
    {
        // Most strands call from one place only: no dictionary for them.
        if (_firstCount == 0 || _first == site)
        {
            _first = site;
            return ref _firstCount;
        }

        return ref CollectionsMarshal.GetValueRefOrAddDefault(_others ??= [], site, out _);
    }
}
