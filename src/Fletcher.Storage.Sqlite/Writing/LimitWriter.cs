using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Who starts under a limit and who waits, within a transaction that keeps other writers out. The rules are <see cref="LimitLane"/>'s; what a store owes to them is in
/// <see cref="ILimitStore"/>.
/// </summary>
internal sealed class LimitWriter(Connection connection, TimeProvider time)
{
    private const int DueLanes = 100;

    internal const string IsAnyOfRootSql = "SELECT 1 FROM limit_places WHERE root_run_id = ?1 LIMIT 1";

    internal const string LanesOfSql = "SELECT key FROM limit_lanes WHERE limit_name = ?1";

    /// <summary>So many who asked here and wait are known. Those that are forgotten only cost a hint to others too many.</summary>
    private const int MostWaiting = 100_000;

    private readonly HashSet<Guid> _waitingHere = [];
    private readonly List<Guid> _entered = [];
    private readonly List<Guid> _removed = [];
    private List<Guid> _granted = [];
    private bool _isStirred;
    private bool _isForOthers;

    private long Now => LimitLane.Microseconds(time.GetUtcNow());

    /// <summary>What the transaction did that somebody may wait for; null for nothing. It must have been committed.</summary>
    public LimitNews? TakeNews()
    {
        if (_entered.Count == 0 && _removed.Count == 0 && _granted.Count == 0 && !_isStirred)
            return null;
        if (_waitingHere.Count + _entered.Count > MostWaiting)
            _waitingHere.Clear();
        _waitingHere.UnionWith(_entered);
        _waitingHere.ExceptWith(_removed);
        foreach (var place in _granted)
            _isForOthers |= !_waitingHere.Remove(place);
        var news = new LimitNews(_granted, _isStirred, _isForOthers);
        if (_granted.Count > 0)
            _granted = [];
        Forget();
        return news;
    }

    /// <summary>The transaction was rolled back.</summary>
    public void Forget()
    {
        _granted.Clear();
        _entered.Clear();
        _removed.Clear();
        _isStirred = _isForOthers = false;
    }

    public void Declare(IReadOnlyDictionary<string, LimitSettings> declared)
    {
        var now = Now;
        var known = LimitReader.Limits(connection).ToDictionary(limit => limit.Name);
        foreach (var (name, settings) in declared)
        {
            if (known.GetValueOrDefault(name)?.Declared?.Settings != settings)
                Change(name, () => Put(name, false, new LimitVersion(settings, LimitLane.Instant(now), "code", null)), now);
        }
    }

    public bool Set(string name, LimitSettings? settings, string actor, string? reason)
    {
        var now = Now;
        if (settings is null && LimitReader.Limits(connection).Find(limit => limit.Name == name)?.Set is null)
            return false;
        if (settings is null)
            Change(name, () => connection.Prepare("DELETE FROM limits WHERE name = ?1 AND is_set = 1").Bind(1, name).Execute(), now);
        else
            Change(name, () => Put(name, true, new LimitVersion(settings, LimitLane.Instant(now), actor, reason)), now);
        return true;
    }

    public LimitExchange Exchange(IReadOnlyList<LimitLeave> leave, IReadOnlyList<LimitPlace> enter)
    {
        var now = Now;
        var touched = new HashSet<(string Limit, string Key)>();
        foreach (var one in leave)
            Leave(one, touched, now);
        foreach (var place in enter)
            Enter(place, touched, now);
        touched.UnionWith(LimitReader.Due(connection, now, DueLanes));
        foreach (var (limit, key) in touched)
            Settle(limit, key, now);

        var lines = new Dictionary<(string, string), List<long>>();
        var next = LimitReader.NextDue(connection);
        return new LimitExchange(
            [.. enter.Select(place => Standing(place, lines))], next is null ? null : LimitLane.Until(next.Value, now));
    }

    /// <summary>Frees what belongs to a lease of this run that is over. Called after each write of a run's row.</summary>
    public void Free(RunId root)
    {
        // Nearly always there is nothing; then this is all that a run costs.
        if (!connection.Prepare(IsAnyOfRootSql).Bind(1, root).QuerySingle(static _ => true))
            return;

        var fence = HeldFence(root);
        var touched = new HashSet<(string Limit, string Key)>();
        foreach (var place in LimitReader.OfRoot(connection, root))
        {
            if (place.Fence == fence)
                continue;
            Remove(place, touched);
            if (place.GrantedAt is null)
                Stir(place.Id);
        }

        var now = Now;
        foreach (var (limit, key) in touched)
            Settle(limit, key, now);
    }

    private void Change(string name, Action change, long now)
    {
        var before = LimitReader.Settings(connection, name);
        change();
        foreach (var key in connection.Prepare(LanesOfSql).Bind(1, name).QueryAll(static row => row.GetText(0)!))
        {
            var lane = LimitReader.Lane(connection, name, key)!;
            lane.Refill(before, now);
            Settle(lane, now);
        }
    }

    private void Put(string name, bool isSet, LimitVersion version) => connection.Prepare(
        """
        INSERT OR REPLACE INTO limits (name, is_set, slots, rate_count, rate_period, rate_burst, breaker_failures, breaker_window,
            breaker_open_for, at, actor, reason)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        """)
        .Bind(1, name)
        .Bind(2, isSet ? 1 : 0)
        .Bind(3, version.Settings.Slots)
        .Bind(4, version.Settings.Rate?.Count)
        .Bind(5, Microseconds(version.Settings.Rate?.Period))
        .Bind(6, version.Settings.Rate?.Burst)
        .Bind(7, version.Settings.Breaker?.Failures)
        .Bind(8, Microseconds(version.Settings.Breaker?.Window))
        .Bind(9, Microseconds(version.Settings.Breaker?.OpenFor))
        .Bind(10, version.At)
        .Bind(11, version.Actor)
        .Bind(12, version.Reason)
        .Execute();

    private void Leave(LimitLeave leave, HashSet<(string Limit, string Key)> touched, long now)
    {
        if (LimitReader.Place(connection, leave.Place) is not (_, { } place))
            return;
        if (place.GrantedAt is not null && LimitReader.Settings(connection, place.Limit) is { Breaker: not null } settings
            && LimitReader.Lane(connection, place.Limit, place.Key) is { } lane)
        {
            lane.End(settings, place, leave, now);
            Put(lane);
        }

        Remove(place, touched);
    }

    private void Enter(LimitPlace place, HashSet<(string Limit, string Key)> touched, long now)
    {
        if (LimitReader.Place(connection, place.Id) is not null || LimitReader.Settings(connection, place.Limit) is null
            || HeldFence(place.RootRunId) != place.Fence)
            return;

        connection.Prepare(
            """
            INSERT INTO limit_places (id, limit_name, key, weight, root_run_id, fence, run_id, sequence, flow, step, asked_at, taken)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0)
            """)
            .Bind(1, place.Id)
            .Bind(2, place.Limit)
            .Bind(3, place.Key)
            .Bind(4, place.Weight)
            .Bind(5, place.RootRunId)
            .Bind(6, place.Fence)
            .Bind(7, place.RunId)
            .Bind(8, place.Sequence)
            .Bind(9, place.Flow)
            .Bind(10, place.Step)
            .Bind(11, now)
            .Execute();
        touched.Add((place.Limit, place.Key));
        _entered.Add(place.Id);
    }

    private void Remove(LimitPlace place, HashSet<(string Limit, string Key)> touched)
    {
        connection.Prepare("DELETE FROM limit_places WHERE id = ?1").Bind(1, place.Id).Execute();
        touched.Add((place.Limit, place.Key));
        _removed.Add(place.Id);
    }

    /// <summary>Notes that who waits with this place has to look.</summary>
    private void Stir(Guid waiting)
    {
        _isStirred = true;
        _isForOthers |= !_waitingHere.Contains(waiting) && !_entered.Contains(waiting);
    }

    /// <summary>The fence under which somebody has the run; null when nobody has.</summary>
    private long? HeldFence(RunId root) => connection.Prepare(
        "SELECT fence FROM flow_runs WHERE id = ?1 AND root_run_id = id AND host_id IS NOT NULL AND state < 10")
        .Bind(1, root)
        .QuerySingle<long?>(static row => row.GetInt64(0));

    private void Settle(string limit, string key, long now) =>
        Settle(LimitReader.Lane(connection, limit, key) ?? new LimitLane(limit, key), now);

    private void Settle(LimitLane lane, long now)
    {
        var settings = LimitReader.Settings(connection, lane.Limit);
        var dueBefore = lane.DueAt;
        lane.Begin(settings, lane.Probe is { } probe && LimitReader.Place(connection, probe) is not null);
        var taken = LimitLane.CountsSlots(settings) ? LimitReader.Taken(connection, lane.Limit, lane.Key).Taken : 0;
        LimitPlace? first;
        while ((first = LimitReader.FirstWaiter(connection, lane.Limit, lane.Key)) is not null
            && lane.TryStart(settings, first, taken, now) is { } more)
        {
            connection.Prepare("UPDATE limit_places SET granted_at = ?2, taken = ?3 WHERE id = ?1")
                .Bind(1, first.Id).Bind(2, now).Bind(3, more).Execute();
            taken += more;
            _granted.Add(first.Id);
        }

        if (first is not null && lane.DueAt is { } due && due != dueBefore)
            Stir(first.Id);
        var isEmpty = first is null && !LimitReader.IsAnyGranted(connection, lane.Limit, lane.Key);
        if (lane.Finish(settings, isEmpty, now))
            connection.Prepare("DELETE FROM limit_lanes WHERE limit_name = ?1 AND key = ?2").Bind(1, lane.Limit).Bind(2, lane.Key).Execute();
        else
            Put(lane);
    }

    private void Put(LimitLane lane) => connection.Prepare(
        """
        INSERT OR REPLACE INTO limit_lanes (limit_name, key, bucket_level, bucket_period, bucket_at, open_until, open_reason, probe, failures, due_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """)
        .Bind(1, lane.Limit)
        .Bind(2, lane.Key)
        .Bind(3, lane.Bucket?.Level)
        .Bind(4, lane.Bucket?.Period)
        .Bind(5, lane.Bucket?.At)
        .Bind(6, lane.OpenUntil)
        .Bind(7, lane.OpenReason)
        .Bind(8, lane.Probe)
        .Bind(9, LimitFailure.Write(lane.Failures))
        .Bind(10, lane.DueAt)
        .Execute();

    private LimitStanding Standing(LimitPlace asked, Dictionary<(string, string), List<long>> lines)
    {
        if (LimitReader.Place(connection, asked.Id) is not (var number, { } place))
        {
            return new(asked.Id, LimitReader.Settings(connection, asked.Limit) is null ? LimitPlaceState.Undefined : LimitPlaceState.Gone);
        }

        if (place.GrantedAt is not null)
            return new(asked.Id, LimitPlaceState.Granted);

        // Once for each lane, however many of the batch wait in it.
        if (!lines.TryGetValue((place.Limit, place.Key), out var line))
            lines[(place.Limit, place.Key)] = line = LimitReader.WaitingNumbers(connection, place.Limit, place.Key);
        return new(asked.Id, LimitPlaceState.Waiting, line.BinarySearch(number));
    }

    private static long? Microseconds(TimeSpan? time) => time?.Ticks / TimeSpan.TicksPerMicrosecond;
}
