using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>Who waits for a limit hears what it has to look for, whichever store object did it.</summary>
public abstract partial class RunStoreConformance
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_grant_is_heard_where_the_place_was_asked_for(bool byEndOfRun)
    {
        await DeclareAsync("smtp", new LimitSettings { Slots = 1 });
        await using var second = new SecondStore(this);
        await second.Store.OpenAsync(Cancellation);
        var limits = second.Store.Limits!;
        var holder = await HeldRunAsync();
        var places = (Holder: Place(holder, "smtp"), Waiter: Place(await HeldRunAsync(), "smtp"));
        await EnterAsync(places.Holder);
        using var heard = new SemaphoreSlim(0);
        limits.Granted += _ => heard.Release();
        using var listening = limits.Listen(() => heard.Release());
        Assert.Equal(LimitPlaceState.Waiting, Assert.Single((await limits.ExchangeAsync([], [places.Waiter], Cancellation)).Entered).State);

        if (byEndOfRun)
            await WriteAsync(holder with { State = FlowRunState.Completed, HostId = null });
        else
            await LeaveAsync(places.Holder);

        await HearAsync(heard, async () => (await limits.LookAsync([places.Waiter.Id], Cancellation)).Changed is [{ State: LimitPlaceState.Granted }]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task That_a_lane_has_come_to_be_due_is_heard_by_who_waits_in_it(bool elsewhere)
    {
        await DeclareAsync("crm", new LimitSettings { Slots = 1, Rate = new LimitRate(1, TimeSpan.FromHours(1), 1) });
        await using var second = new SecondStore(this);
        await second.Store.OpenAsync(Cancellation);
        var limits = elsewhere ? second.Store.Limits! : Limits;
        var holder = await HeldRunAsync();
        await EnterAsync(Place(holder, "crm"));
        using var heard = new SemaphoreSlim(0);
        using var listening = limits.Listen(() => heard.Release());
        var waiter = Place(await HeldRunAsync(), "crm");
        var entered = await limits.ExchangeAsync([], [waiter], Cancellation);
        Assert.Equal((LimitPlaceState.Waiting, null), (entered.Entered[0].State, entered.DueIn)); // for the slot

        await WriteAsync(holder with { State = FlowRunState.Completed, HostId = null });

        await HearAsync(heard, async () => (await limits.LookAsync([waiter.Id], Cancellation)).DueIn == TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task Who_does_not_listen_for_limits_any_more_is_not_called()
    {
        await DeclareAsync("crm", new LimitSettings { Rate = new LimitRate(1, TimeSpan.FromHours(1), 1) });
        var run = await HeldRunAsync();
        var first = 0;
        using var heard = new SemaphoreSlim(0);
        using var goesOn = Limits.Listen(() => heard.Release());
        var ended = Limits.Listen(() => Interlocked.Increment(ref first));
        ended.Dispose();
        ended.Dispose();
        var before = Volatile.Read(ref first);

        await Limits.ExchangeAsync([], [Place(run, "crm"), Place(run, "crm")], Cancellation);

        await HearAsync(heard, async () => (await Limits.LookAsync([], Cancellation)).DueIn is not null);
        Assert.InRange(Volatile.Read(ref first), before, before + 1); // one that was under way
    }

    /// <summary>Looks when there is a hint, and only then, until there is what is looked for.</summary>
    private static async Task HearAsync(SemaphoreSlim heard, Func<Task<bool>> isThere)
    {
        do
            Assert.True(await heard.WaitAsync(Limit, Cancellation), "There was no hint, or it came too early.");
        while (!await isThere());
    }
}
