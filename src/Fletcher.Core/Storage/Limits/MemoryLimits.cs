using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>The limits of a <see cref="MemoryStore"/>. It shares that one's lock, so that a lease and the places that belong to it change together.</summary>
internal sealed class MemoryLimits(Lock gate, TimeProvider time, Func<RunId, FlowRunRecord?> findRun) : ILimitStore
{
    private const int DueLanes = 100;
    private const int Shown = 100;

    private readonly SortedDictionary<string, LimitRecord> _limits = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Limit, string Key), MemoryLimitLane> _lanes = [];
    private readonly Dictionary<Guid, (long Number, LimitPlace Place)> _places = [];
    private readonly Dictionary<RunId, SortedDictionary<long, Guid>> _byRoot = [];
    private readonly SortedSet<(long DueAt, string Limit, string Key)> _due = [];
    private readonly ListenerList _listeners = new();
    private long _number;
    private List<Guid> _granted = [];
    private bool _isStirred;

    public event Action<IReadOnlyList<Guid>>? Granted;

    public bool IsShared => false;

    private long Now => LimitLane.Microseconds(time.GetUtcNow());

    public IDisposable Listen(Action heard) => _listeners.Add(heard);

    public ValueTask DeclareAsync(IReadOnlyDictionary<string, LimitSettings> declared, CancellationToken cancellationToken)
    {
        LimitCheck.Check(declared);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            var now = Now;
            foreach (var (name, settings) in declared)
            {
                var known = _limits.GetValueOrDefault(name);
                if (known?.Declared?.Settings != settings)
                {
                    var version = new LimitVersion(settings, LimitLane.Instant(now), "code", null);
                    Change((known ?? new LimitRecord { Name = name }) with { Declared = version }, now);
                }
            }
        }

        Tell();
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> SetAsync(
        string name, LimitSettings? settings, string actor, string? reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        LimitCheck.Check(name, settings);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            var now = Now;
            var known = _limits.GetValueOrDefault(name);
            if (settings is null && known?.Set is null)
                return new(false);
            var version = settings is null ? null : new LimitVersion(settings, LimitLane.Instant(now), actor, reason);
            Change((known ?? new LimitRecord { Name = name }) with { Set = version }, now);
        }

        Tell();
        return new(true);
    }

    public ValueTask<IReadOnlyList<LimitRecord>> GetLimitsAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            return new([.. _limits.Values]);
    }

    public ValueTask<LimitExchange> ExchangeAsync(
        IReadOnlyList<LimitLeave> leave, IReadOnlyList<LimitPlace> enter, CancellationToken cancellationToken)
    {
        LimitCheck.Check(leave, enter);
        cancellationToken.ThrowIfCancellationRequested();
        LimitExchange exchange;
        lock (gate)
        {
            var now = Now;
            var touched = new HashSet<(string, string)>();
            foreach (var one in leave)
                Leave(one, touched, now);
            foreach (var place in enter)
                Enter(place, touched, now);
            touched.UnionWith(_due.TakeWhile(due => due.DueAt <= now).Take(DueLanes).Select(static due => (due.Limit, due.Key)));
            foreach (var lane in touched)
                Settle(lane, now);
            var before = new Dictionary<MemoryLimitLane, Dictionary<Guid, int>>();
            exchange = new LimitExchange([.. enter.Select(place => Standing(place, before))], DueIn(now));
        }

        Tell();
        return new(exchange);
    }

    public ValueTask<LimitLook> LookAsync(IReadOnlyList<Guid> places, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(places);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            var changed = new List<LimitStanding>();
            foreach (var id in places)
            {
                if (!_places.TryGetValue(id, out var found))
                    changed.Add(new LimitStanding(id, LimitPlaceState.Gone));
                else if (found.Place.GrantedAt is not null)
                    changed.Add(new LimitStanding(id, LimitPlaceState.Granted));
            }

            return new(new LimitLook(changed, DueIn(Now)));
        }
    }

    public ValueTask<IReadOnlyList<LimitLaneRecord>> GetLanesAsync(
        string limit, string? key, string? after, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(limit);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (key is not null)
                return new([Describe(_lanes.GetValueOrDefault((limit, key)) ?? new MemoryLimitLane(limit, key))]);
            return new(
            [
                .. _lanes.Values
                    .Where(lane => lane.Rules.Limit == limit && (after is null || string.CompareOrdinal(lane.Rules.Key, after) > 0))
                    .OrderBy(static lane => lane.Rules.Key, StringComparer.Ordinal).Take(count).Select(Describe),
            ]);
        }
    }

    public ValueTask<IReadOnlyList<LimitPlace>> GetPlacesAsync(RunId root, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            return new(_byRoot.TryGetValue(root, out var places) ? [.. places.Values.Select(id => _places[id].Place)] : []);
    }

    /// <summary>Frees what belongs to a lease of this run that is over. Called under the lock, with each record of a run that is kept.</summary>
    internal void Free(FlowRunRecord run)
    {
        if (!_byRoot.TryGetValue(run.Id, out var places))
            return;
        var touched = new HashSet<(string, string)>();
        foreach (var id in places.Values.ToArray())
        {
            var place = _places[id].Place;
            if (Holds(run, place.Fence))
                continue;
            touched.Add(Remove(id));
            _isStirred |= place.GrantedAt is null;
        }

        var now = Now;
        foreach (var lane in touched)
            Settle(lane, now);
    }

    /// <summary>Tells who was granted a place, and what else who waits must know. Called without the lock.</summary>
    internal void Tell()
    {
        List<Guid> granted;
        bool isStirred;
        lock (gate)
        {
            if (_granted.Count == 0 && !_isStirred)
                return;
            (granted, _granted) = (_granted, []);
            (isStirred, _isStirred) = (_isStirred, false);
        }

        if (granted.Count > 0)
            Granted?.Invoke(granted);
        if (isStirred)
            _listeners.Tell();
    }

    private static bool Holds(FlowRunRecord? root, long fence) =>
        root is not null && root.RootRunId == root.Id && root.Fence == fence && root.HostId is not null && !root.State.IsEnd();

    private void Change(LimitRecord record, long now)
    {
        var before = Settings(record.Name);
        if (record.Declared is null && record.Set is null)
            _limits.Remove(record.Name);
        else
            _limits[record.Name] = record;
        foreach (var lane in _lanes.Values.Where(lane => lane.Rules.Limit == record.Name).ToArray())
        {
            lane.Rules.Refill(before, now);
            Settle((lane.Rules.Limit, lane.Rules.Key), now);
        }
    }

    private void Leave(LimitLeave leave, HashSet<(string, string)> touched, long now)
    {
        if (!_places.TryGetValue(leave.Place, out var found))
            return;
        var place = found.Place;
        if (place.GrantedAt is not null)
            _lanes[(place.Limit, place.Key)].Rules.End(Settings(place.Limit), place, leave, now);
        touched.Add(Remove(leave.Place));
    }

    private void Enter(LimitPlace place, HashSet<(string, string)> touched, long now)
    {
        if (_places.ContainsKey(place.Id) || !_limits.ContainsKey(place.Limit) || !Holds(findRun(place.RootRunId), place.Fence))
            return;
        var number = ++_number;
        _places[place.Id] = (number, place with { AskedAt = LimitLane.Instant(now), GrantedAt = null, Taken = 0 });
        if (!_byRoot.TryGetValue(place.RootRunId, out var ofRoot))
            _byRoot[place.RootRunId] = ofRoot = [];
        ofRoot[number] = place.Id;
        var key = (place.Limit, place.Key);
        if (!_lanes.TryGetValue(key, out var lane))
            _lanes[key] = lane = new MemoryLimitLane(place.Limit, place.Key);
        lane.Waiting[number] = place.Id;
        touched.Add(key);
    }

    private (string, string) Remove(Guid id)
    {
        _places.Remove(id, out var found);
        var key = (found.Place.Limit, found.Place.Key);
        var lane = _lanes[key];
        lane.Waiting.Remove(found.Number);
        if (lane.Granted.Remove(found.Number))
            lane.Taken -= found.Place.Taken;
        var ofRoot = _byRoot[found.Place.RootRunId];
        ofRoot.Remove(found.Number);
        if (ofRoot.Count == 0)
            _byRoot.Remove(found.Place.RootRunId);
        return key;
    }

    private void Settle((string Limit, string Key) key, long now)
    {
        if (!_lanes.TryGetValue(key, out var lane))
            return;
        var rules = lane.Rules;
        var settings = Settings(key.Limit);
        var dueBefore = rules.DueAt;
        if (dueBefore is { } before)
            _due.Remove((before, key.Limit, key.Key));
        rules.Begin(settings, rules.Probe is { } probe && _places.ContainsKey(probe));
        while (lane.Waiting.Count > 0)
        {
            var (number, id) = lane.Waiting.First();
            var place = _places[id].Place;
            if (rules.TryStart(settings, place, lane.Taken, now) is not { } taken)
                break;
            _places[id] = (number, place with { GrantedAt = LimitLane.Instant(now), Taken = taken });
            lane.Waiting.Remove(number);
            lane.Granted[number] = id;
            lane.Taken += taken;
            _granted.Add(id);
        }

        _isStirred |= lane.Waiting.Count > 0 && rules.DueAt is { } due && due != dueBefore;
        if (rules.Finish(settings, lane.Waiting.Count == 0 && lane.Granted.Count == 0, now))
            _lanes.Remove(key);
        else if (rules.DueAt is { } after)
            _due.Add((after, key.Limit, key.Key));
    }

    private LimitSettings? Settings(string limit) => _limits.GetValueOrDefault(limit)?.Settings;

    private LimitStanding Standing(LimitPlace asked, Dictionary<MemoryLimitLane, Dictionary<Guid, int>> before)
    {
        if (!_places.TryGetValue(asked.Id, out var found))
            return new(asked.Id, _limits.ContainsKey(asked.Limit) ? LimitPlaceState.Gone : LimitPlaceState.Undefined);
        if (found.Place.GrantedAt is not null)
            return new(asked.Id, LimitPlaceState.Granted);

        // Once for each lane, however many of the batch wait in it.
        var lane = _lanes[(found.Place.Limit, found.Place.Key)];
        if (!before.TryGetValue(lane, out var line))
            before[lane] = line = lane.Waiting.Values.Select((id, index) => (id, index)).ToDictionary();
        return new(asked.Id, LimitPlaceState.Waiting, line[asked.Id]);
    }

    private TimeSpan? DueIn(long now) =>
        _due.Count == 0 ? null : LimitLane.Until(_due.Min.DueAt, now);

    private LimitLaneRecord Describe(MemoryLimitLane lane)
    {
        var now = Now;
        var rate = Settings(lane.Rules.Limit)?.Rate;
        return new LimitLaneRecord
        {
            Limit = lane.Rules.Limit,
            Key = lane.Rules.Key,
            Taken = (int)lane.Taken,
            Tokens = rate is null ? null : (lane.Rules.Bucket ?? TokenBucket.Full(rate, now)).Refill(rate, now).Tokens,
            OpenUntil = lane.Rules.OpenUntil is { } until ? LimitLane.Instant(until) : null,
            OpenReason = lane.Rules.OpenReason,
            DueIn = lane.Waiting.Count > 0 && lane.Rules.DueAt is { } due ? LimitLane.Until(due, now) : null,
            HolderCount = lane.Granted.Count,
            Holders = [.. lane.Granted.Values.Take(Shown).Select(id => _places[id].Place)],
            WaiterCount = lane.Waiting.Count,
            Waiters = [.. lane.Waiting.Values.Take(Shown).Select(id => _places[id].Place)],
        };
    }
}
