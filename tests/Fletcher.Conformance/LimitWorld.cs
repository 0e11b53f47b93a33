using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>
/// Three hosts that take and give places at random, crash, stall, and change the limit, and what must hold after each of these: it is read from the store and judged
/// by the definitions, without any of the product's rules.
/// </summary>
internal sealed class LimitWorld(IRunStore[] hosts, StoppedClock clock, Random random, CancellationToken cancellation)
{
    private const string Limit = "it";
    private static readonly string[] Keys = ["", "k"];

    private readonly List<(FlowRunRecord Run, int Host)> _runs = [];
    private readonly Dictionary<Guid, LimitPlace> _live = [];
    private readonly List<LimitPlace> _stale = [];
    private readonly Dictionary<string, long> _held = [];
    private readonly Dictionary<string, List<(DateTimeOffset At, int Weight)>> _starts = [];
    private readonly HashSet<Guid> _counted = [];
    private readonly Dictionary<Guid, int> _order = [];
    private DateTimeOffset _changedAt = DateTimeOffset.MinValue;
    private LimitSettings _settings = new() { Slots = 2 };

    private ILimitStore Any => hosts[random.Next(hosts.Length)].Limits!;

    public async Task BeginAsync()
    {
        await hosts[0].Limits!.SetAsync(Limit, _settings, "test", null, cancellation);
        for (var host = 0; host < hosts.Length; host++)
            await BeginRunAsync(host);
    }

    /// <summary>Does one thing; what it was, for the message of a failure.</summary>
    public async Task<string> StepAsync()
    {
        if (_runs.Count == 0)
            await BeginRunAsync(random.Next(hosts.Length));
        var index = random.Next(_runs.Count);
        var (run, host) = _runs[index];
        switch (random.Next(20))
        {
            case < 7:
                await EnterAsync(run, host);
                return "enter";
            case < 12:
                await LeaveAsync(host);
                return "leave";
            case < 15:
                clock.Now += TimeSpan.FromMicroseconds(random.Next(700_000));
                await Any.ExchangeAsync([], [], cancellation);
                return "time";
            case 15:
                await ChangeAsync();
                return $"limit {_settings}";
            case 16:
                await EndAsync(index, FlowRunState.Crashed, (host + 1) % hosts.Length);
                return "crash";
            case 17:
                await EndAsync(index, FlowRunState.Completed, host);
                return "end";
            case 18:
                await StallAsync();
                return "a host that goes on without its lease";
            default:
                await BeginRunAsync(random.Next(hosts.Length));
                return "begin";
        }
    }

    /// <summary>What is wrong; null when nothing is.</summary>
    public async Task<string?> FindViolationAsync()
    {
        var seen = new HashSet<Guid>();
        foreach (var key in Keys)
        {
            var lane = Assert.Single(await Any.GetLanesAsync(Limit, key, null, 1, cancellation));
            foreach (var place in lane.Holders.Concat(lane.Waiters))
            {
                seen.Add(place.Id);
                if (!_live.ContainsKey(place.Id))
                    return $"a slot is lost: '{place.Id}' is in lane '{key}', and nobody has it";
            }

            if (FindAbove(lane, key) is { } above)
                return above;
            if (lane.Holders.Select(place => _order[place.Id]).DefaultIfEmpty().Max() >= lane.Waiters.Select(place => _order[place.Id]).DefaultIfEmpty(int.MaxValue).Min())
                return $"somebody in lane '{key}' went past another one";
            if (lane.WaiterCount > 0 && Fits(lane, lane.Waiters[0]))
                return $"the first in lane '{key}' weighs {lane.Waiters[0].Weight} and waits beside {_settings.Slots - lane.Taken} free slots and {lane.Tokens} tokens";
            if (FindBurst(lane, key) is { } burst)
                return burst;
        }

        return _live.Keys.FirstOrDefault(id => !seen.Contains(id)) is var lost && lost != default ? $"the place '{lost}' is lost" : null;
    }

    /// <summary>Ends every run; then nothing must be left.</summary>
    public async Task EndAsync()
    {
        while (_runs.Count > 0)
            await EndAsync(0, FlowRunState.Completed, random.Next(hosts.Length));
        clock.Now += TimeSpan.FromDays(1);
        await Any.ExchangeAsync([], [], cancellation);
        Assert.Empty(await Any.GetLanesAsync(Limit, null, null, 9, cancellation));
    }

    /// <summary>What is taken never grows beyond the limit; a limit that was lowered is only reached from above.</summary>
    private string? FindAbove(LimitLaneRecord lane, string key)
    {
        var taken = lane.Holders.Sum(place => place.Taken);
        if (taken != lane.Taken)
            return $"lane '{key}' says that {lane.Taken} are taken, its holders have {taken}";
        if (lane.Holders.FirstOrDefault(place => place.Taken < 1) is { } free)
            return $"'{free.Id}' has started and holds {free.Taken} slots";
        if (lane.Holders.FirstOrDefault(place => _settings.Slots is { } all && place.GrantedAt > _changedAt && place.Taken != Math.Min(place.Weight, all)) is { } wrong)
            return $"'{wrong.Id}' weighs {wrong.Weight} and holds {wrong.Taken} of {_settings.Slots}";
        var before = _held.GetValueOrDefault(key);
        _held[key] = taken;
        return _settings.Slots is { } slots && taken > slots && taken > before ? $"{taken} of {slots} slots are taken in lane '{key}', before {before}" : null;
    }

    private bool Fits(LimitLaneRecord lane, LimitPlace first) =>
        (_settings.Slots is not { } slots || (slots > 0 && lane.Taken + Math.Min(first.Weight, slots) <= slots))
        && (_settings.Rate is not { } rate || lane.Tokens >= Math.Min(first.Weight, rate.Burst));

    /// <summary>Between any two starts under the rate as it is now: no more than a burst and what came since.</summary>
    private string? FindBurst(LimitLaneRecord lane, string key)
    {
        if (_settings.Rate is not { } rate)
            return null;
        var starts = _starts.GetValueOrDefault(key) ?? (_starts[key] = []);
        starts.AddRange(lane.Holders.Where(place => place.GrantedAt > _changedAt && _counted.Add(place.Id))
            .Select(place => (place.GrantedAt!.Value, Math.Min(place.Weight, rate.Burst))));
        starts.Sort();
        for (var i = 0; i < starts.Count; i++)
        {
            var sum = 0;
            foreach (var (at, weight) in starts.Skip(i))
            {
                sum += weight;
                if (sum > rate.Burst + (rate.Count * ((at - starts[i].At) / rate.Period)) + 1e-6)
                    return $"{sum} started in lane '{key}' between {starts[i].At:O} and {at:O} under {rate}";
            }
        }

        return null;
    }

    private async Task EnterAsync(FlowRunRecord run, int host)
    {
        var enter = Enumerable.Range(0, random.Next(1, 4)).Select(_ => New(run)).ToList();
        foreach (var place in enter)
            Note(place);
        var entered = (await hosts[host].Limits!.ExchangeAsync([], enter, cancellation)).Entered;
        Assert.All(entered, standing => Assert.True(standing.State is LimitPlaceState.Waiting or LimitPlaceState.Granted));
    }

    private void Note(LimitPlace place)
    {
        _live[place.Id] = place;
        _order[place.Id] = _order.Count + 1;
    }

    private LimitPlace New(FlowRunRecord run) => new()
    {
        Id = Guid.CreateVersion7(),
        Limit = Limit,
        Key = Keys[random.Next(Keys.Length)],
        Weight = random.Next(1, 4),
        RootRunId = run.Id,
        Fence = run.Fence,
        RunId = run.Id,
        Flow = "F",
        Step = "S",
    };

    private async Task LeaveAsync(int host)
    {
        var leave = _live.Values.OrderBy(_ => random.Next()).Take(random.Next(1, 4)).ToList();
        foreach (var place in leave)
            _live.Remove(place.Id);
        await hosts[host].Limits!.ExchangeAsync([.. leave.Select(place => new LimitLeave(place.Id))], [], cancellation);
    }

    private async Task ChangeAsync()
    {
        _settings = new LimitSettings
        {
            Slots = random.Next(5) == 0 ? null : random.Next(6),
            Rate = random.Next(2) == 0 ? null : new LimitRate(random.Next(1, 20), TimeSpan.FromSeconds(1), random.Next(1, 5)),
        };
        if (_settings.FindMistake() is not null)
            _settings = new LimitSettings { Slots = 3 };
        await Any.SetAsync(Limit, _settings, "test", null, cancellation);

        // What started before, or at the change, is of another rate.
        _changedAt = clock.Now;
        _starts.Clear();
        clock.Now += TimeSpan.FromMicroseconds(1);
        await Any.ExchangeAsync([], [], cancellation);
    }

    private async Task BeginRunAsync(int host)
    {
        var run = A.FlowRun("F") with { HostId = Guid.CreateVersion7(), Fence = 1 };
        await hosts[host].WriteAsync(Of(run), cancellation);
        _runs.Add((run, host));
    }

    private async Task EndAsync(int index, FlowRunState state, int by)
    {
        var (run, _) = _runs[index];
        _runs.RemoveAt(index);
        foreach (var place in _live.Values.Where(place => place.RootRunId == run.Id).ToList())
        {
            _live.Remove(place.Id);
            _stale.Add(place);
        }

        if (state == FlowRunState.Crashed)
        {
            var crashed = run with { State = state, HostId = null, Fence = run.Fence + 1, WakeAt = clock.Now };
            Assert.True(await hosts[by].TryReplaceAsync(crashed, run.Version, [], cancellation));
            if (random.Next(2) == 0)
                _runs.Add(((await hosts[by].TryClaimAsync(run.Id, crashed.Version, Guid.CreateVersion7(), clock.Now, cancellation))!, by));
        }
        else
        {
            await hosts[by].WriteAsync(Of(run with { State = state, HostId = null }), cancellation);
        }

    }

    /// <summary>Somebody who does not know that he lost his run asks for places and gives back what he had.</summary>
    private async Task StallAsync()
    {
        if (_stale.Count == 0)
            return;
        var place = _stale[random.Next(_stale.Count)];
        var entered = await Any.ExchangeAsync([new LimitLeave(place.Id)], [place, place with { Id = Guid.CreateVersion7() }], cancellation);
        Assert.All(entered.Entered, standing => Assert.Equal(LimitPlaceState.Gone, standing.State));
    }

    private static WriteBatch Of(FlowRunRecord run)
    {
        var batch = new WriteBatch();
        batch.FlowRuns.Add(run);
        return batch;
    }
}
