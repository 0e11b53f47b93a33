using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>The circuit breaker of a limit.</summary>
public abstract partial class RunStoreConformance
{
    private static readonly LimitSettings Breaks = new()
    {
        Breaker = new LimitBreaker(3, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60)),
    };

    [Fact]
    public async Task Failures_of_one_step_with_one_kind_of_error_open_the_breaker_and_hold_starters()
    {
        await DeclareAsync("crm", Breaks);
        var run = await HeldRunAsync();
        await FailAsync(run, "Send", "Timeout");
        await FailAsync(run, "Send", "Dependency");
        await FailAsync(run, "Fetch", "Dependency");
        await FailAsync(run, "Send", "Dependency");
        Assert.Null((await LaneAsync("crm")).OpenUntil);

        await FailAsync(run, "Send", "Dependency");

        var lane = await LaneAsync("crm");
        Assert.Equal(Now.AddSeconds(60), lane.OpenUntil);
        Assert.Equal("'Send' failed 3 times within 00:00:30 with Dependency", lane.OpenReason);
        var waiter = Place(run, "crm");
        Assert.Equal(LimitPlaceState.Waiting, await EnterAsync(waiter));
        Assert.Equal(TimeSpan.FromSeconds(60), (await ExchangeAsync()).DueIn);
    }

    [Fact]
    public async Task Failures_that_are_older_than_the_window_do_not_count()
    {
        await DeclareAsync("crm", Breaks);
        var run = await HeldRunAsync();
        await FailAsync(run, "Send", "Dependency");
        await FailAsync(run, "Send", "Dependency");
        Clock.Now += TimeSpan.FromSeconds(30);
        await FailAsync(run, "Send", "Dependency");
        Assert.Null((await LaneAsync("crm")).OpenUntil);

        await FailAsync(run, "Send", "Dependency");
        await FailAsync(run, "Send", "Dependency");
        Assert.NotNull((await LaneAsync("crm")).OpenUntil);
    }

    [Fact]
    public async Task What_succeeds_or_is_stopped_opens_nothing_and_what_waited_was_no_failure()
    {
        await DeclareAsync("crm", new LimitSettings { Slots = 1, Breaker = new LimitBreaker(1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) });
        var run = await HeldRunAsync();
        LimitPlace[] places = [Place(run, "crm"), Place(run, "crm"), Place(run, "crm")];
        await Limits.ExchangeAsync([], places, Cancellation);

        await EndAsync(places[2], LimitEnd.Failed, "Dependency"); // it had not started
        await EndAsync(places[0], LimitEnd.Succeeded);
        await EndAsync(places[1], LimitEnd.Unknown);

        Assert.Equal((null, 0), ((await LaneAsync("crm")).OpenUntil, (await LaneAsync("crm")).WaiterCount));
    }

    [Fact]
    public async Task After_a_while_one_starts_as_the_probe_and_its_success_lets_all_start()
    {
        var (run, places) = await OpenBreakerAsync();
        Clock.Now += TimeSpan.FromSeconds(60);

        await ExchangeAsync();
        Assert.Equal([places[0].Id], await GrantedAsync(places));
        Assert.Equal(LimitPlaceState.Waiting, await EnterAsync(Place(run, "crm")));
        Assert.Null((await ExchangeAsync()).DueIn);

        await EndAsync(places[0], LimitEnd.Succeeded);
        Assert.Equal(places[1..].Select(place => place.Id), await GrantedAsync(places));
        var lane = await LaneAsync("crm");
        Assert.Equal((null, null, 3), (lane.OpenUntil, lane.OpenReason, lane.HolderCount));
    }

    [Fact]
    public async Task A_probe_that_fails_keeps_the_breaker_open_for_as_long_again()
    {
        var (_, places) = await OpenBreakerAsync();
        Clock.Now += TimeSpan.FromSeconds(61);
        await ExchangeAsync();

        await EndAsync(places[0], LimitEnd.Failed, "Timeout");

        var lane = await LaneAsync("crm");
        Assert.Equal((Clock.Now.AddSeconds(60), TimeSpan.FromSeconds(60), 2), (lane.OpenUntil, lane.DueIn, lane.WaiterCount));
        Assert.Equal("the probe 'S' failed with Timeout", lane.OpenReason);
        Clock.Now += TimeSpan.FromSeconds(60);
        await ExchangeAsync();
        Assert.Equal([places[1].Id], await GrantedAsync(places));
    }

    [Fact]
    public async Task A_probe_whose_process_dies_or_that_is_stopped_gives_the_probe_to_the_next()
    {
        var (run, places) = await OpenBreakerAsync();
        Clock.Now += TimeSpan.FromSeconds(60);
        await ExchangeAsync();
        await EndAsync(places[0], LimitEnd.Unknown);
        Assert.Equal([places[1].Id], await GrantedAsync(places));
        var other = await HeldRunAsync();
        var waiter = Place(other, "crm");
        await EnterAsync(waiter);

        await Store.TryReplaceAsync(run with { State = FlowRunState.Crashed, HostId = null, Fence = 2 }, run.Version, [], Cancellation);

        Assert.Equal([waiter.Id], await GrantedAsync(waiter));
        Assert.NotNull((await LaneAsync("crm")).OpenUntil);
        await EndAsync(waiter, LimitEnd.Succeeded);
        Assert.Null((await LaneAsync("crm")).OpenUntil);
    }

    [Fact]
    public async Task The_first_who_comes_after_that_while_is_the_probe_when_nobody_waited()
    {
        var (_, places) = await OpenBreakerAsync();
        await LeaveAsync(places);
        Clock.Now += TimeSpan.FromHours(1);
        await ExchangeAsync();
        var run = await HeldRunAsync();

        Assert.Equal(LimitPlaceState.Granted, await EnterAsync(Place(run, "crm")));
        Assert.Equal(LimitPlaceState.Waiting, await EnterAsync(Place(run, "crm")));
    }

    [Fact]
    public async Task Who_had_started_before_it_opened_neither_closes_it_nor_keeps_it_open()
    {
        await DeclareAsync("crm", Breaks);
        var run = await HeldRunAsync();
        LimitPlace[] early = [Place(run, "crm"), Place(run, "crm")];
        await Limits.ExchangeAsync([], early, Cancellation);
        for (var i = 0; i < 3; i++)
            await FailAsync(run, "Send", "Dependency");

        await EndAsync(early[0], LimitEnd.Succeeded);
        await EndAsync(early[1], LimitEnd.Failed, "Dependency");

        Assert.Equal(Now.AddSeconds(60), (await LaneAsync("crm")).OpenUntil);
    }

    [Fact]
    public async Task A_breaker_that_is_taken_away_is_closed()
    {
        var (_, places) = await OpenBreakerAsync();

        await Limits.SetAsync("crm", new LimitSettings { Slots = 2 }, "ada", "it is known, and mended", Cancellation);

        Assert.Equal([places[0].Id, places[1].Id], await GrantedAsync(places));
        Assert.Null((await LaneAsync("crm")).OpenUntil);
    }

    [Fact]
    public async Task Each_key_has_a_breaker_of_its_own()
    {
        var (run, _) = await OpenBreakerAsync();

        Assert.Equal(LimitPlaceState.Granted, await EnterAsync(Place(run, "crm", "b")));
    }

    /// <summary>An open breaker with three who wait.</summary>
    private async Task<(FlowRunRecord Run, LimitPlace[] Waiting)> OpenBreakerAsync()
    {
        await DeclareAsync("crm", Breaks);
        var run = await HeldRunAsync();
        for (var i = 0; i < 3; i++)
            await FailAsync(run, "Send", "Dependency");
        LimitPlace[] waiting = [Place(run, "crm"), Place(run, "crm"), Place(run, "crm")];
        await Limits.ExchangeAsync([], waiting, Cancellation);
        Assert.Empty(await GrantedAsync(waiting));
        return (run, waiting);
    }

    private async Task FailAsync(FlowRunRecord run, string step, string kind)
    {
        var place = Place(run, "crm") with { Step = step };
        Assert.Equal(LimitPlaceState.Granted, await EnterAsync(place));
        await EndAsync(place, LimitEnd.Failed, kind);
    }

    private async Task EndAsync(LimitPlace place, LimitEnd end, string? kind = null) =>
        await Limits.ExchangeAsync([new LimitLeave(place.Id, end, kind)], [], Cancellation);
}
