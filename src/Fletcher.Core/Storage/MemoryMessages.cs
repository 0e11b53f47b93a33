using System.Runtime.InteropServices;
using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>The messages of a <see cref="MemoryStore"/>. They are numbered without gaps and never thrown away.</summary>
internal sealed class MemoryMessages
{
    // The message with number n is at n - 1.
    private readonly List<RunMessage> _all = [];
    private readonly Dictionary<RunId, MemoryInbox> _inboxes = [];
    private readonly Dictionary<(RunId Run, string Key), long> _keys = [];
    private readonly SortedSet<long> _cancels = [];

    /// <summary>The number of the last message to any run; 0 when there is none.</summary>
    public long Last => _all.Count;

    /// <summary>The roots that were asked to stop and have not taken that.</summary>
    public IEnumerable<RunId> RootsToStop => _cancels.Select(number => _all[(int)number - 1].RunId).Distinct();

    /// <summary>The number of the last message to the family of this root that can wake it; 0 when there is none.</summary>
    public long LastTo(FlowRunRecord root) => !_inboxes.TryGetValue(root.Id, out var inbox) ? 0
        : root.WaitsForFix ? inbox.LastForFix : inbox.Last;

    /// <summary>The message that was sent to this run with this key; null when none was, and without a key.</summary>
    public RunMessage? Find(RunId run, string? key) =>
        key is not null && _keys.TryGetValue((run, key), out var number) ? _all[(int)number - 1] : null;

    /// <summary>Keeps the message and gives it its number.</summary>
    public RunMessage Add(RunMessage message, RunId root)
    {
        var kept = message with { Number = Last + 1, RootRunId = root, TakenBy = 0 };
        _all.Add(kept);
        if (kept.Key is { } key)
            _keys[(kept.RunId, key)] = kept.Number;
        ref var inbox = ref CollectionsMarshal.GetValueRefOrAddDefault(_inboxes, root, out _);
        inbox ??= new MemoryInbox();
        inbox.Last = kept.Number;
        if (kept.Kind.EndsWaitForFix())
            inbox.LastForFix = kept.Number;
        inbox.Untaken.Add(kept.Number);
        if (StopsRoot(kept))
            _cancels.Add(kept.Number);
        return kept;
    }

    public IReadOnlyList<RunMessage> After(long number, int limit)
    {
        var first = (int)Math.Clamp(number, 0, Last);
        return _all.GetRange(first, Math.Min(limit, _all.Count - first));
    }

    public IReadOnlyList<RunMessage> Untaken(RunId root) => _inboxes.TryGetValue(root, out var inbox)
        ? [.. inbox.Untaken.Select(number => _all[(int)number - 1])]
        : [];

    /// <summary>Notes who took a message; one that was never sent to this run is left alone.</summary>
    public void Take(TakenMessage taken)
    {
        if (taken.Number < 1 || taken.Number > Last || _all[(int)taken.Number - 1] is var message && message.RunId != taken.RunId)
            return;

        _all[(int)taken.Number - 1] = message with { TakenBy = taken.Sequence };
        var untaken = _inboxes[message.RootRunId].Untaken;
        if (taken.Sequence == 0)
            untaken.Add(taken.Number);
        else
            untaken.Remove(taken.Number);
        if (taken.Sequence != 0)
            _cancels.Remove(taken.Number);
        else if (StopsRoot(message))
            _cancels.Add(taken.Number);
    }

    private static bool StopsRoot(RunMessage message) => message.Kind == MessageKind.Cancel && message.RunId == message.RootRunId;
}
