using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>Starts per time: a token bucket by the store's clock.</summary>
public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task A_burst_starts_at_once_and_then_one_each_time_that_a_token_comes()
    {
        await DeclareAsync("crm", new LimitSettings { Rate = new LimitRate(3, TimeSpan.FromSeconds(1), 2) }); // a third of a second is no whole number
        var run = await HeldRunAsync();
        var places = Enumerable.Range(1, 6).Select(i => Place(run, "crm", sequence: i)).ToArray();

        var exchange = await Limits.ExchangeAsync([], places, Cancellation);

        Assert.Equal(2, exchange.Entered.Count(standing => standing.State == LimitPlaceState.Granted));
        Assert.Equal(TimeSpan.FromMicroseconds(333_334), exchange.DueIn);
        await LeaveAsync(places[0], places[1]); // gives no token back
        Assert.Equal(4, (await LaneAsync("crm")).WaiterCount);

        Clock.Now = Now.AddMicroseconds(333_333);
        Assert.Equal(TimeSpan.FromMicroseconds(1), (await ExchangeAsync()).DueIn);
        Assert.Empty(await GrantedAsync(places));
        Clock.Now = Now.AddMicroseconds(333_334);
        Assert.Equal(TimeSpan.Zero, (await Limits.LookAsync([], Cancellation)).DueIn);
        await ExchangeAsync();
        Assert.Equal([places[2].Id], await GrantedAsync(places));
        Clock.Now = Now.AddSeconds(1); // the third token since the burst, with no rounding
        await ExchangeAsync();
        Assert.Equal([places[2].Id, places[3].Id, places[4].Id], await GrantedAsync(places));
    }

    [Fact]
    public async Task Over_a_long_time_as_many_start_as_the_rate_says_and_never_more_at_once_than_the_burst()
    {
        var random = new Random(17);
        foreach (var rate in new[] { new LimitRate(7, TimeSpan.FromSeconds(1), 3), new LimitRate(100, TimeSpan.FromMinutes(1), 10), new LimitRate(1, TimeSpan.FromMilliseconds(37), 1) })
        {
            var name = rate.ToString();
            await DeclareAsync(name, new LimitSettings { Rate = rate });
            var run = await HeldRunAsync();
            var started = new List<(DateTimeOffset At, int Weight)>();
            var waiting = new Queue<LimitPlace>();
            var begun = Clock.Now;
            while (started.Count < 300)
            {
                // There is always somebody who waits, so all that the rate allows starts.
                var enter = new List<LimitPlace>();
                while (waiting.Count < 4)
                {
                    enter.Add(Place(run, name, weight: random.Next(1, rate.Burst + 1)));
                    waiting.Enqueue(enter[^1]);
                }

                var due = (await Limits.ExchangeAsync([], enter, Cancellation)).DueIn!.Value;
                foreach (var place in await GrantedAsync([.. waiting]))
                {
                    Assert.Equal(waiting.Peek().Id, place);
                    started.Add((Clock.Now, waiting.Peek().Weight));
                    await LeaveAsync(waiting.Dequeue());
                }

                Clock.Now += due;
            }

            var expected = rate.Burst + (rate.Count * (started[^1].At - begun) / rate.Period);
            var actual = started.Sum(start => start.Weight);
            Assert.InRange(actual, (expected * 0.99) - rate.Burst, expected);
            for (var i = 0; i < started.Count; i++)
            {
                // Between any two starts: a burst and what came since.
                var sum = 0;
                for (var j = i; j < started.Count; j++)
                {
                    sum += started[j].Weight;
                    var allowed = rate.Burst + (rate.Count * ((started[j].At - started[i].At) / rate.Period));
                    Assert.True(sum <= allowed + 1e-6, $"{name}: {sum} started between {started[i].At:O} and {started[j].At:O}, allowed are {allowed}");
                }
            }

            await WriteAsync(run with { State = FlowRunState.Completed, HostId = null });
        }
    }

    [Fact]
    public async Task Tokens_are_kept_over_a_change_of_the_rate_and_the_new_one_counts_from_there()
    {
        await DeclareAsync("crm", new LimitSettings { Rate = new LimitRate(1, TimeSpan.FromSeconds(10), 4) });
        var run = await HeldRunAsync();
        await Limits.ExchangeAsync([], [Place(run, "crm"), Place(run, "crm"), Place(run, "crm"), Place(run, "crm")], Cancellation);
        var waiter = Place(run, "crm");
        await EnterAsync(waiter);
        Clock.Now += TimeSpan.FromSeconds(5); // half a token

        await Limits.SetAsync("crm", new LimitSettings { Rate = new LimitRate(1, TimeSpan.FromSeconds(1), 2) }, "ada", null, Cancellation);

        var lane = await LaneAsync("crm");
        Assert.Equal((0, TimeSpan.FromMilliseconds(500)), (lane.Tokens, lane.DueIn));
        Clock.Now += TimeSpan.FromMilliseconds(500);
        await ExchangeAsync();
        Assert.Equal([waiter.Id], await GrantedAsync(waiter));
        Clock.Now += TimeSpan.FromHours(1);
        Assert.Equal(2, (await LaneAsync("crm")).Tokens);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_takes_no_tokens_and_brings_none()
    {
        await DeclareAsync("crm", new LimitSettings { Rate = new LimitRate(1, TimeSpan.FromSeconds(10), 1) });
        var run = await HeldRunAsync();
        LimitPlace[] places = [Place(run, "crm"), Place(run, "crm"), Place(run, "crm")];
        await Limits.ExchangeAsync([], places, Cancellation);

        Clock.Now -= TimeSpan.FromHours(1);
        await LeaveAsync(places[0]);
        Assert.Empty(await GrantedAsync(places[1..]));
        Clock.Now += TimeSpan.FromSeconds(10);
        await ExchangeAsync();
        Assert.Equal([places[1].Id], await GrantedAsync(places[1..]));
    }

    [Fact]
    public async Task A_limit_with_slots_and_a_rate_asks_for_both()
    {
        await DeclareAsync("crm", new LimitSettings { Slots = 1, Rate = new LimitRate(1, TimeSpan.FromSeconds(10), 1) });
        var run = await HeldRunAsync();
        LimitPlace[] places = [Place(run, "crm"), Place(run, "crm")];
        await Limits.ExchangeAsync([], places, Cancellation);

        Clock.Now += TimeSpan.FromSeconds(20);
        Assert.Null((await ExchangeAsync()).DueIn); // the slot is missing, not the token
        await LeaveAsync(places[0]);
        Assert.Equal([places[1].Id], await GrantedAsync(places));
        var third = Place(run, "crm");
        await EnterAsync(third);
        await LeaveAsync(places[1]);
        Assert.Empty(await GrantedAsync(third));
        Assert.Equal(TimeSpan.FromSeconds(10), (await ExchangeAsync()).DueIn);
    }

    [Fact]
    public async Task Each_key_has_a_bucket_of_its_own_that_is_forgotten_when_it_is_full()
    {
        await DeclareAsync("crm", new LimitSettings { Rate = new LimitRate(1, TimeSpan.FromSeconds(10), 1) });
        var run = await HeldRunAsync();
        LimitPlace[] places = [Place(run, "crm", "a"), Place(run, "crm", "b"), Place(run, "crm", "a")];
        await Limits.ExchangeAsync([], places, Cancellation);
        Assert.Equal([places[0].Id, places[1].Id], await GrantedAsync(places));

        await LeaveAsync(places);
        Assert.Equal(2, (await Limits.GetLanesAsync("crm", null, null, 9, Cancellation)).Count);
        Assert.Equal(LimitPlaceState.Waiting, await EnterAsync(Place(run, "crm", "b")));
        Clock.Now += TimeSpan.FromSeconds(10);
        await ExchangeAsync();

        var lane = Assert.Single(await Limits.GetLanesAsync("crm", null, null, 9, Cancellation));
        Assert.Equal(("b", 1), (lane.Key, lane.HolderCount));
    }

    /// <summary>Does what is due.</summary>
    private async Task<LimitExchange> ExchangeAsync() => await Limits.ExchangeAsync([], [], Cancellation);
}
