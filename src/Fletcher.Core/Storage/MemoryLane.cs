using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>The runs of one flow that wait for a host in the same queue and require the same labels.</summary>
internal sealed class MemoryLane(string queue, IReadOnlyList<string> labels)
{
    private static readonly RunId LastId = new(Guid.AllBitsSet);

    private readonly SortedSet<(DateTimeOffset WakeAt, RunId Run)> _byTime = [];
    private readonly SortedSet<Place> _byTurn = new(Comparer<Place>.Create(Place.Compare));

    public string Queue => queue;

    public IReadOnlyList<string> Labels => labels;

    /// <summary>When the first is due; null when there is none.</summary>
    public DateTimeOffset? FirstAt => _byTime.Count == 0 ? null : _byTime.Min.WakeAt;

    public bool Is(string otherQueue, IReadOnlyList<string> otherLabels) => queue == otherQueue && labels.SequenceEqual(otherLabels, StringComparer.Ordinal);

    public void Add(FlowRunRecord run, DateTimeOffset at)
    {
        _byTime.Add((at, run.Id));
        _byTurn.Add(new Place(run.Priority, run.FairnessKey, at, run.Id));
    }

    public void Remove(FlowRunRecord run, DateTimeOffset at)
    {
        _byTime.Remove((at, run.Id));
        _byTurn.Remove(new Place(run.Priority, run.FairnessKey, at, run.Id));
    }

    /// <summary>Those that are due, as a source of claims.</summary>
    public IClaimSource Due(string flow, DateTimeOffset now) => new Source(this, flow, now);

    private Place? First(Place from, Place to)
    {
        if (Place.Compare(from, to) > 0)
            return null;
        foreach (var place in _byTurn.GetViewBetween(from, to)) // the count of a view would visit all of it
            return place;
        return null;
    }

    private sealed class Source(MemoryLane lane, string flow, DateTimeOffset now) : IClaimSource
    {
        public string Flow => flow;

        public int? NextPriority(int? below) => below == int.MinValue
            ? null
            : lane.First(Place.FirstOf(below - 1 ?? int.MaxValue, ""), Place.LastOf(int.MinValue))?.Priority;

        // The first text behind another one is that with the least character added.
        public string? NextKey(int priority, string? after) =>
            lane.First(Place.FirstOf(priority, after is null ? "" : after + '\0'), Place.LastOf(priority))?.Key;

        public IReadOnlyList<DueRun> Oldest(int priority, string key, DueRun? after, int limit)
        {
            var from = new Place(priority, key, after?.WakeAt ?? DateTimeOffset.MinValue, after?.Run ?? default);
            var to = new Place(priority, key, now, LastId);
            if (Place.Compare(from, to) > 0)
                return [];
            return
            [
                .. lane._byTurn.GetViewBetween(from, to).Select(static place => new DueRun(place.WakeAt, place.Run))
                    .Where(due => due != after).Take(limit),
            ];
        }
    }

    /// <summary>Where a run stands: by priority, key and time. A key of null is behind all others.</summary>
    private readonly record struct Place(int Priority, string? Key, DateTimeOffset WakeAt, RunId Run)
    {
        public static Place FirstOf(int priority, string key) => new(priority, key, DateTimeOffset.MinValue, default);

        public static Place LastOf(int priority) => new(priority, null, DateTimeOffset.MaxValue, LastId);

        public static int Compare(Place x, Place y)
        {
            if (x.Priority != y.Priority)
                return y.Priority.CompareTo(x.Priority);
            if (x.Key is null || y.Key is null)
                return (x.Key is null).CompareTo(y.Key is null);
            var byKey = CodePointOrder.Instance.Compare(x.Key, y.Key);
            return byKey != 0 ? byKey : new DueRun(x.WakeAt, x.Run).CompareTo(new DueRun(y.WakeAt, y.Run));
        }
    }
}
