using System.Runtime.InteropServices;
using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>The messages of a <see cref="MemoryStore"/>. Numbers are never given twice, also when the messages to a family are thrown away.</summary>
internal sealed class MemoryMessages
{
    private readonly Dictionary<long, RunMessage> _all = [];
    private readonly Dictionary<RunId, MemoryInbox> _inboxes = [];
    private readonly Dictionary<(RunId Run, string Key), long> _keys = [];
    private readonly SortedSet<long> _cancels = [];

    /// <summary>The number of the last message to any run; 0 when there is none.</summary>
    public long Last { get; private set; }

    /// <summary>The roots that were asked to stop and have not taken that.</summary>
    public IEnumerable<RunId> RootsToStop => _cancels.Select(number => _all[number].RunId).Distinct();

    /// <summary>The number of the last message to the family of this root that can wake it; 0 when there is none.</summary>
    public long LastTo(FlowRunRecord root) => !_inboxes.TryGetValue(root.Id, out var inbox) ? 0
        : root.WaitsForFix ? inbox.LastForFix : inbox.Last;

    /// <summary>The message that was sent to this run with this key; null when none was, and without a key.</summary>
    public RunMessage? Find(RunId run, string? key) =>
        key is not null && _keys.TryGetValue((run, key), out var number) ? _all[number] : null;

    /// <summary>Keeps the message and gives it its number.</summary>
    public RunMessage Add(RunMessage message, RunId root)
    {
        var kept = message with { Number = ++Last, RootRunId = root, TakenBy = 0 };
        _all[kept.Number] = kept;
        if (kept.Key is { } key)
            _keys[(kept.RunId, key)] = kept.Number;
        ref var inbox = ref CollectionsMarshal.GetValueRefOrAddDefault(_inboxes, root, out _);
        inbox ??= new MemoryInbox();
        inbox.Last = kept.Number;
        if (kept.Kind.EndsWaitForFix())
            inbox.LastForFix = kept.Number;
        inbox.Numbers.Add(kept.Number);
        inbox.Untaken.Add(kept.Number);
        if (StopsRoot(kept))
            _cancels.Add(kept.Number);
        return kept;
    }

    public IReadOnlyList<RunMessage> After(long number, int limit)
    {
        // Hosts ask for those that they have not seen, which are few and the last: so it goes up from there instead of looking through all.
        var found = new List<RunMessage>();
        for (var next = Math.Clamp(number, 0, Last) + 1; next <= Last && found.Count < limit; next++)
        {
            if (_all.TryGetValue(next, out var message))
                found.Add(message);
        }

        return found;
    }

    /// <summary>Forgets what was sent to the family of this root.</summary>
    public void Remove(RunId root)
    {
        if (!_inboxes.Remove(root, out var inbox))
            return;
        foreach (var number in inbox.Numbers)
        {
            if (_all.Remove(number, out var message) && message.Key is { } key)
                _keys.Remove((message.RunId, key));
            _cancels.Remove(number);
        }
    }

    public IReadOnlyList<RunMessage> Untaken(RunId root) => _inboxes.TryGetValue(root, out var inbox)
        ? [.. inbox.Untaken.Select(number => _all[number])]
        : [];

    /// <summary>Notes who took a message; one that was never sent to this run is left alone.</summary>
    public void Take(TakenMessage taken)
    {
        if (!_all.TryGetValue(taken.Number, out var message) || message.RunId != taken.RunId)
            return;

        _all[taken.Number] = message with { TakenBy = taken.Sequence };
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
