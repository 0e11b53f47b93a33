using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>Limits: what is defined, slots, keys, weights, and the order of the line.</summary>
public abstract partial class RunStoreConformance
{
    private ILimitStore Limits => Store.Limits ?? throw new InvalidOperationException("The store keeps no limits.");

    [Fact]
    public async Task What_code_declares_and_what_somebody_sets_are_kept_apart()
    {
        var declared = new LimitSettings { Slots = 2 };
        var set = new LimitSettings
        {
            Slots = 5,
            Rate = new LimitRate(100, TimeSpan.FromMinutes(1), 10),
            Breaker = new LimitBreaker(3, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1.5)),
        };
        await DeclareAsync("smtp", declared);
        Clock.Now += TimeSpan.FromSeconds(1);

        Assert.True(await Limits.SetAsync("smtp", set, "ada", "the new server is here", Cancellation));

        var limit = Assert.Single(await Limits.GetLimitsAsync(Cancellation));
        Assert.Equal(("smtp", set), (limit.Name, limit.Settings));
        Assert.Equal(new LimitVersion(declared, Now, "code", null), limit.Declared);
        Assert.Equal(new LimitVersion(set, Clock.Now, "ada", "the new server is here"), limit.Set);

        Assert.True(await Limits.SetAsync("smtp", null, "ada", null, Cancellation));
        Assert.Equal(limit with { Set = null }, Assert.Single(await Limits.GetLimitsAsync(Cancellation)));
        Assert.False(await Limits.SetAsync("smtp", null, "ada", null, Cancellation));
        Assert.False(await Limits.SetAsync("unheard", null, "ada", null, Cancellation));
    }

    [Fact]
    public async Task To_declare_a_limit_again_changes_what_is_declared_and_not_what_is_set()
    {
        await DeclareAsync("smtp", new LimitSettings { Slots = 2 });
        await DeclareAsync("crm", new LimitSettings { Slots = 7 });
        await Limits.SetAsync("smtp", new LimitSettings { Slots = 3 }, "ada", null, Cancellation);
        Clock.Now += TimeSpan.FromHours(1);

        await Limits.DeclareAsync(
            new Dictionary<string, LimitSettings> { ["smtp"] = new() { Slots = 4 }, ["crm"] = new() { Slots = 7 } }, Cancellation);

        var limits = await Limits.GetLimitsAsync(Cancellation);
        Assert.Equal(["crm", "smtp"], limits.Select(limit => limit.Name));
        Assert.Equal((7, Now), (limits[0].Settings.Slots!.Value, limits[0].Declared!.At));
        Assert.Equal((3, 4, Clock.Now), (limits[1].Settings.Slots!.Value, limits[1].Declared!.Settings.Slots!.Value, limits[1].Declared!.At));
    }

    [Fact]
    public async Task A_limit_that_only_somebody_set_is_gone_when_that_is_taken_back_and_holds_nobody()
    {
        await Limits.SetAsync("smtp", new LimitSettings { Slots = 0 }, "ada", null, Cancellation);
        var run = await HeldRunAsync();
        var place = Place(run, "smtp");
        Assert.Equal(LimitPlaceState.Waiting, await EnterAsync(place));

        await Limits.SetAsync("smtp", null, "ada", null, Cancellation);

        Assert.Equal(LimitPlaceState.Granted, await StateAsync(place));
        Assert.Empty(await Limits.GetLimitsAsync(Cancellation));
        Assert.Equal(LimitPlaceState.Undefined, await EnterAsync(Place(run, "smtp")));
    }

    [Fact]
    public async Task What_cannot_be_a_limit_is_refused()
    {
        var slots = new LimitSettings { Slots = 1 };
        await DeclareAsync("smtp", slots);
        var run = await HeldRunAsync();
        var minute = TimeSpan.FromMinutes(1);
        LimitSettings[] wrong =
        [
            new(),
            new() { Slots = -1 },
            new() { Slots = 1_000_001 },
            new() { Rate = new LimitRate(0, minute, 1) },
            new() { Rate = new LimitRate(1, TimeSpan.FromTicks(10_001), 1) },
            new() { Rate = new LimitRate(1, TimeSpan.FromDays(32), 1) },
            new() { Rate = new LimitRate(1, minute, 0) },
            new() { Breaker = new LimitBreaker(0, minute, minute) },
            new() { Breaker = new LimitBreaker(1, TimeSpan.Zero, minute) },
            new() { Breaker = new LimitBreaker(1, minute, TimeSpan.FromDays(32)) },
        ];

        foreach (var settings in wrong)
        {
            var error = await Assert.ThrowsAsync<ArgumentException>(() => Limits.SetAsync("smtp", settings, "ada", null, Cancellation).AsTask());
            Assert.Contains("smtp", error.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<ArgumentException>(() => DeclareAsync("smtp", settings));
        }

        await Assert.ThrowsAnyAsync<ArgumentException>(() => DeclareAsync(" ", slots));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => DeclareAsync(new string('x', 201), slots));
        await Assert.ThrowsAsync<ArgumentException>(() => EnterAsync(Place(run, "smtp", weight: 0)));
        await Assert.ThrowsAsync<ArgumentException>(() => EnterAsync(Place(run, "smtp", key: new string('x', 401))));
        Assert.Equal(slots, Assert.Single(await Limits.GetLimitsAsync(Cancellation)).Settings);
    }

    [Fact]
    public async Task So_many_start_as_there_are_slots_and_the_others_in_the_order_in_which_they_came()
    {
        await DeclareAsync("smtp", new LimitSettings { Slots = 2 });
        var run = await HeldRunAsync();
        var places = Enumerable.Range(1, 5).Select(i => Place(run, "smtp", sequence: i)).ToArray();

        var entered = (await Limits.ExchangeAsync([], places, Cancellation)).Entered;

        Assert.Equal(places.Select(place => place.Id), entered.Select(standing => standing.Place));
        Assert.Equal([(LimitPlaceState.Granted, 0), (LimitPlaceState.Granted, 0), (LimitPlaceState.Waiting, 0), (LimitPlaceState.Waiting, 1), (LimitPlaceState.Waiting, 2)],
            entered.Select(standing => (standing.State, standing.Before)));
        await LeaveAsync(places[1]);
        Assert.Equal([places[0].Id, places[2].Id], await GrantedAsync(places));
        await LeaveAsync(places[0], places[2]);
        Assert.Equal([places[3].Id, places[4].Id], await GrantedAsync(places));
    }

    [Fact]
    public async Task One_that_leaves_the_line_lets_those_behind_it_go_on()
    {
        await DeclareAsync("smtp", new LimitSettings { Slots = 2 });
        var run = await HeldRunAsync();
        var holder = Place(run, "smtp");
        var heavy = Place(run, "smtp", weight: 2);
        var light = Place(run, "smtp");
        await EnterAsync(holder);
        await EnterAsync(heavy);
        Assert.Equal(LimitPlaceState.Waiting, await EnterAsync(light));

        await LeaveAsync(heavy);

        Assert.Equal([holder.Id, light.Id], await GrantedAsync(holder, heavy, light));
    }

    [Fact]
    public async Task A_heavy_one_is_not_passed_by_light_ones()
    {
        await DeclareAsync("smtp", new LimitSettings { Slots = 3 });
        var run = await HeldRunAsync();
        LimitPlace[] places = [Place(run, "smtp"), Place(run, "smtp", weight: 3), Place(run, "smtp"), Place(run, "smtp")];
        await Limits.ExchangeAsync([], places, Cancellation);
        Assert.Equal([places[0].Id], await GrantedAsync(places));

        await LeaveAsync(places[0]);
        Assert.Equal([places[1].Id], await GrantedAsync(places));

        await LeaveAsync(places[1]);
        Assert.Equal([places[2].Id, places[3].Id], await GrantedAsync(places));
    }

    [Fact]
    public async Task One_that_weighs_more_than_there_are_slots_takes_them_all()
    {
        await DeclareAsync("smtp", new LimitSettings { Slots = 3 });
        var run = await HeldRunAsync();
        LimitPlace[] places = [Place(run, "smtp"), Place(run, "smtp", weight: 9), Place(run, "smtp")];
        await Limits.ExchangeAsync([], places, Cancellation);

        await LeaveAsync(places[0]);

        Assert.Equal([places[1].Id], await GrantedAsync(places));
        var lane = await LaneAsync("smtp");
        Assert.Equal((3, 1, 1), (lane.Taken, lane.HolderCount, lane.WaiterCount));
        Assert.Equal(3, Assert.Single(lane.Holders).Taken);
    }

    [Fact]
    public async Task Each_key_has_slots_and_a_line_of_its_own()
    {
        await DeclareAsync("customer", new LimitSettings { Slots = 1 });
        var run = await HeldRunAsync();
        LimitPlace[] places = [Place(run, "customer", "a"), Place(run, "customer", "b"), Place(run, "customer", "a"), Place(run, "customer")];
        await Limits.ExchangeAsync([], places, Cancellation);
        Assert.Equal([places[0].Id, places[1].Id, places[3].Id], await GrantedAsync(places));

        Assert.Equal(["", "a", "b"], (await Limits.GetLanesAsync("customer", null, null, 9, Cancellation)).Select(lane => lane.Key));
        Assert.Equal(["a"], (await Limits.GetLanesAsync("customer", null, "", 1, Cancellation)).Select(lane => lane.Key));
        await LeaveAsync(places);
        Assert.Empty(await Limits.GetLanesAsync("customer", null, null, 9, Cancellation));
        Assert.Equal(0, (await LaneAsync("customer", "a")).HolderCount);
    }

    [Fact]
    public async Task More_slots_let_waiters_start_and_fewer_leave_those_who_have_started()
    {
        await DeclareAsync("smtp", new LimitSettings { Slots = 1 });
        var run = await HeldRunAsync();
        var places = Enumerable.Range(1, 5).Select(i => Place(run, "smtp", sequence: i)).ToArray();
        await Limits.ExchangeAsync([], places, Cancellation);

        await Limits.SetAsync("smtp", new LimitSettings { Slots = 3 }, "ada", null, Cancellation);
        Assert.Equal(3, (await GrantedAsync(places)).Count);

        await Limits.SetAsync("smtp", new LimitSettings { Slots = 1 }, "ada", null, Cancellation);
        Assert.Equal((3, 2), ((await LaneAsync("smtp")).Taken, (await LaneAsync("smtp")).WaiterCount));
        await LeaveAsync(places[0], places[1]);
        Assert.Equal([places[2].Id], await GrantedAsync(places));
        await LeaveAsync(places[2]);
        Assert.Equal([places[3].Id], await GrantedAsync(places));

        await DeclareAsync("smtp", new LimitSettings { Slots = 9 });
        Assert.Equal([places[3].Id], await GrantedAsync(places)); // what is set wins
        await Limits.SetAsync("smtp", null, "ada", null, Cancellation);
        Assert.Equal([places[3].Id, places[4].Id], await GrantedAsync(places));
    }

    [Fact]
    public async Task Who_asks_again_with_the_same_id_keeps_the_place()
    {
        await DeclareAsync("smtp", new LimitSettings { Slots = 1 });
        var run = await HeldRunAsync();
        LimitPlace[] places = [Place(run, "smtp"), Place(run, "smtp"), Place(run, "smtp")];
        await Limits.ExchangeAsync([], places, Cancellation);

        var again = (await Limits.ExchangeAsync([], [places[1], places[0]], Cancellation)).Entered;

        Assert.Equal([(LimitPlaceState.Waiting, 0), (LimitPlaceState.Granted, 0)], again.Select(standing => (standing.State, standing.Before)));
        Assert.Equal(2, (await LaneAsync("smtp")).WaiterCount);
        await LeaveAsync(places[0]);
        await LeaveAsync(places[0]);
        Assert.Equal([places[1].Id], await GrantedAsync(places));
    }

    [Fact]
    public async Task Who_has_started_and_who_waits_is_told_by_name()
    {
        await DeclareAsync("smtp", new LimitSettings { Slots = 1 });
        var run = await HeldRunAsync();
        var holder = Place(run, "smtp", sequence: 4) with { Flow = "Billing.InvoiceMonth", Step = "Billing.Send" };
        var waiter = Place(run, "smtp", sequence: 0, weight: 2) with { Flow = "Billing.InvoiceMonth", Step = null };
        await EnterAsync(holder);
        Clock.Now += TimeSpan.FromSeconds(3);
        await EnterAsync(waiter);

        var lane = await LaneAsync("smtp");

        Assert.Equal(holder with { AskedAt = Now, GrantedAt = Now, Taken = 1 }, Assert.Single(lane.Holders));
        Assert.Equal(waiter with { AskedAt = Clock.Now }, Assert.Single(lane.Waiters));
        Assert.Equal(("smtp", "", 1, 1), (lane.Limit, lane.Key, lane.HolderCount, lane.WaiterCount));
        Assert.Equal([holder.Id, waiter.Id], (await Limits.GetPlacesAsync(run.Id, Cancellation)).Select(place => place.Id));
    }

    [Fact]
    public async Task Who_is_granted_a_place_is_told_at_once()
    {
        await DeclareAsync("smtp", new LimitSettings { Slots = 1 });
        var run = await HeldRunAsync();
        var other = await HeldRunAsync();
        LimitPlace[] places = [Place(other, "smtp"), Place(run, "smtp"), Place(run, "smtp"), Place(run, "smtp")];
        var told = new System.Collections.Concurrent.ConcurrentQueue<Guid>(); // a server tells it too, once more, on another thread
        Limits.Granted += ids => Array.ForEach([.. ids], told.Enqueue);
        await Limits.ExchangeAsync([], places, Cancellation);
        Assert.Equal([places[0].Id], told.Distinct());

        await Store.TryClaimAsync(other.Id, other.Version, Guid.CreateVersion7(), Now, Cancellation);
        Assert.Equal([places[0].Id, places[1].Id], told.Distinct());

        await Limits.SetAsync("smtp", new LimitSettings { Slots = 2 }, "ada", null, Cancellation);
        await LeaveAsync(places[1]);
        Assert.Equal(places.Select(place => place.Id), told.Distinct());
    }

    [Fact]
    public async Task Another_process_sees_what_was_granted()
    {
        await using var second = new SecondStore(this);
        await second.Store.OpenAsync(Cancellation);
        await DeclareAsync("smtp", new LimitSettings { Slots = 1 });
        var run = await HeldRunAsync();
        var holder = Place(run, "smtp");
        var waiter = Place(run, "smtp");
        await EnterAsync(holder);
        await second.Store.Limits!.ExchangeAsync([], [waiter], Cancellation);
        Assert.Empty((await second.Store.Limits.LookAsync([waiter.Id], Cancellation)).Changed);

        await LeaveAsync(holder);

        Assert.Equal(
            [new LimitStanding(waiter.Id, LimitPlaceState.Granted), new LimitStanding(holder.Id, LimitPlaceState.Gone)],
            (await second.Store.Limits.LookAsync([waiter.Id, holder.Id], Cancellation)).Changed);
    }

    private async Task DeclareAsync(string name, LimitSettings settings) =>
        await Limits.DeclareAsync(new Dictionary<string, LimitSettings> { [name] = settings }, Cancellation);

    /// <summary>A root that a host has.</summary>
    private async Task<FlowRunRecord> HeldRunAsync()
    {
        var run = A.FlowRun("F") with { HostId = Guid.CreateVersion7(), Fence = 1 };
        await WriteAsync(run);
        return run;
    }

    private static LimitPlace Place(FlowRunRecord run, string limit, string key = "", int sequence = 1, int weight = 1) => new()
    {
        Id = Guid.CreateVersion7(),
        Limit = limit,
        Key = key,
        Weight = weight,
        RootRunId = run.RootRunId,
        Fence = run.Fence,
        RunId = run.Id,
        Sequence = sequence,
        Flow = run.Flow,
        Step = sequence == 0 ? null : "S",
    };

    private async Task<LimitPlaceState> EnterAsync(LimitPlace place) =>
        Assert.Single((await Limits.ExchangeAsync([], [place], Cancellation)).Entered).State;

    private async Task LeaveAsync(params LimitPlace[] places) =>
        await Limits.ExchangeAsync([.. places.Select(place => new LimitLeave(place.Id))], [], Cancellation);

    private async Task<LimitPlaceState> StateAsync(LimitPlace place) =>
        (await Limits.LookAsync([place.Id], Cancellation)).Changed is [var standing] ? standing.State : LimitPlaceState.Waiting;

    private async Task<IReadOnlyList<Guid>> GrantedAsync(params LimitPlace[] places) =>
    [
        .. (await Limits.LookAsync([.. places.Select(place => place.Id)], Cancellation)).Changed
            .Where(standing => standing.State == LimitPlaceState.Granted).Select(standing => standing.Place),
    ];

    private async Task<LimitLaneRecord> LaneAsync(string limit, string key = "") =>
        Assert.Single(await Limits.GetLanesAsync(limit, key, null, 1, Cancellation));

    /// <summary>Another store on what is behind the one under test; disposed of only if it is another one.</summary>
    private sealed class SecondStore(RunStoreConformance test) : IAsyncDisposable
    {
        public IRunStore Store { get; } = test.CreateSecondStore();

        public ValueTask DisposeAsync() => Store == test.Store ? ValueTask.CompletedTask : Store.DisposeAsync();
    }
}
