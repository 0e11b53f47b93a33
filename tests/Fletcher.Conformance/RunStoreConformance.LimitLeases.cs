using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>Slots and places in the line belong to leases: whoever loses the run has none, and the next starts in the same moment.</summary>
public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task Whoever_loses_or_leaves_its_run_has_no_place_any_more_and_the_next_starts()
    {
        var leaving = new (string How, Func<FlowRunRecord, Task> Leave)[]
        {
            ("claimed", async run => await Store.TryClaimAsync(run.Id, run.Version, Guid.CreateVersion7(), Now, Cancellation)),
            ("crashed", async run => await Store.TryReplaceAsync(
                run with { State = FlowRunState.Crashed, HostId = null, Fence = 2, WakeAt = Now }, run.Version, [], Cancellation)),
            ("replaced and held", async run => await Store.TryReplaceAsync(run with { Fence = 2 }, run.Version, [], Cancellation)),
            ("completed", async run => await WriteAsync(run with { State = FlowRunState.Completed, HostId = null })),
            ("ended and held", async run => await WriteAsync(run with { State = FlowRunState.Failed })),
            ("parked", async run => await WriteAsync(run with { State = FlowRunState.Waiting, HostId = null, WakeAt = Now.AddDays(1) })),
            ("handed over", async run => await WriteAsync(run with { State = FlowRunState.Queued, HostId = null, WakeAt = Now })),
            ("written with a greater fence", async run => await WriteAsync(run with { Fence = 5 })),
        };
        await DeclareAsync("smtp", new LimitSettings { Slots = 1 });
        foreach (var (how, leave) in leaving)
        {
            var one = await HeldRunAsync();
            var other = await HeldRunAsync();
            LimitPlace[] places = [Place(one, "smtp"), Place(one, "smtp"), Place(one with { Id = A.SubFlow(one).Id }, "smtp", sequence: 0), Place(other, "smtp")];
            await Limits.ExchangeAsync([], places, Cancellation);

            await leave(one);

            Assert.True(await GrantedAsync(places) is [var granted] && granted == places[3].Id, how);
            Assert.Empty(await Limits.GetPlacesAsync(one.Id, Cancellation));
            Assert.Equal(LimitPlaceState.Gone, await EnterAsync(Place(one, "smtp")));
            await LeaveAsync(places);
            Assert.Equal((0, 0), ((await LaneAsync("smtp")).HolderCount, (await LaneAsync("smtp")).WaiterCount));
        }
    }

    [Fact]
    public async Task A_run_that_is_claimed_when_due_has_no_places_of_before()
    {
        await DeclareAsync("smtp", new LimitSettings { Slots = 1 });
        var run = await HeldRunAsync();
        await EnterAsync(Place(run, "smtp"));
        await WriteAsync(run with { State = FlowRunState.Queued, HostId = null, WakeAt = Now });

        var claimed = Assert.Single(await ClaimDueAsync()).Run;

        Assert.Empty(await Limits.GetPlacesAsync(run.Id, Cancellation));
        Assert.Equal(LimitPlaceState.Gone, await EnterAsync(Place(run, "smtp")));
        Assert.Equal(LimitPlaceState.Granted, await EnterAsync(Place(claimed, "smtp")));
    }

    [Fact]
    public async Task A_run_that_goes_on_under_its_lease_keeps_its_places()
    {
        await DeclareAsync("smtp", new LimitSettings { Slots = 1 });
        var run = await HeldRunAsync();
        LimitPlace[] places = [Place(run, "smtp"), Place(run, "smtp")];
        await Limits.ExchangeAsync([], places, Cancellation);

        await WriteAsync(run with { State = FlowRunState.Waiting, Reason = "it waits here" });
        await WriteAsync(run with { State = FlowRunState.Completed, HostId = null, Fence = 0 }); // by somebody who lost it before
        await WriteAsync(A.SubFlow(run, FlowRunState.Completed) with { HostId = null, Fence = 7 });

        Assert.Equal([places[0].Id], await GrantedAsync(places));
        Assert.Equal(2, (await Limits.GetPlacesAsync(run.Id, Cancellation)).Count);
    }

    [Fact]
    public async Task Nobody_gets_a_place_who_does_not_have_the_run()
    {
        await DeclareAsync("smtp", new LimitSettings { Slots = 9 });
        var run = await HeldRunAsync();
        var sub = A.SubFlow(run);
        await WriteAsync(sub);
        LimitPlace[] refused =
        [
            Place(run with { Fence = 0 }, "smtp"),
            Place(run with { Fence = 2 }, "smtp"),
            Place(A.FlowRun("F") with { Fence = 1 }, "smtp"),
            Place(sub with { RootRunId = sub.Id }, "smtp"),
        ];

        var entered = (await Limits.ExchangeAsync([], [.. refused, Place(sub with { Fence = 1 }, "smtp")], Cancellation)).Entered;

        Assert.All(entered.SkipLast(1), standing => Assert.Equal(LimitPlaceState.Gone, standing.State));
        Assert.Equal(LimitPlaceState.Granted, entered[^1].State);
        Assert.Equal(1, (await LaneAsync("smtp")).HolderCount);
    }

    [Fact]
    public async Task A_place_is_not_freed_when_the_transaction_that_would_is_refused()
    {
        await DeclareAsync("smtp", new LimitSettings { Slots = 1 });
        var run = await HeldRunAsync();
        var lost = await HeldRunAsync();
        LimitPlace[] places = [Place(run, "smtp"), Place(lost, "smtp")];
        await Limits.ExchangeAsync([], places, Cancellation);
        var batch = Batch(run with { State = FlowRunState.Completed, HostId = null });
        batch.Leases[lost.Id] = new RunLease(lost.Id, 0);
        var told = new List<Guid>();
        Limits.Granted += told.AddRange;

        await Assert.ThrowsAsync<LeasesLostException>(() => Store.WriteAsync(batch, Cancellation).AsTask());
        Assert.False(await Store.TryReplaceAsync(run with { Fence = 9 }, run.Version with { Fence = 8 }, [], Cancellation));

        Assert.Equal([places[0].Id], await GrantedAsync(places));
        Assert.Empty(told);
    }
}
