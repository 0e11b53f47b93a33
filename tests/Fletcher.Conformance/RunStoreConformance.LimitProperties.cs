using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>What holds of limits whatever three hosts do: see <see cref="LimitWorld"/>. And the same with all of them at once.</summary>
public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task Never_above_the_limit_no_slot_lost_first_come_first_served_and_nobody_waits_beside_a_free_slot()
    {
        await using var second = new SecondStore(this);
        await using var third = new SecondStore(this);
        await second.Store.OpenAsync(Cancellation);
        await third.Store.OpenAsync(Cancellation);
        var first = Environment.GetEnvironmentVariable("FLETCHER_TEST_SEED") is { } seed ? int.Parse(seed, null) : 0;
        for (var i = first; i < first + 25; i++)
        {
            var world = new LimitWorld([Store, second.Store, third.Store], Clock, new Random(i), Cancellation);
            await world.BeginAsync();
            for (var step = 0; step < 120; step++)
            {
                var what = await world.StepAsync();
                if (await world.FindViolationAsync() is { } violation)
                    Assert.Fail($"seed {i}, step {step}, after {what}: {violation}");
            }

            await world.EndAsync();
        }
    }

    [Fact]
    public async Task Of_many_that_start_and_end_at_once_never_more_have_started_than_there_are_slots_and_all_come_to_start()
    {
        const int slots = 3;
        await DeclareAsync("smtp", new LimitSettings { Slots = slots });
        var under = 0;
        var most = 0;
        var starts = 0;

        await RaceAsync(async (store, racer) =>
        {
            var run = A.FlowRun("F") with { HostId = Guid.CreateVersion7(), Fence = 1 };
            await store.WriteAsync(Batch(run), Cancellation);
            for (var round = 0; round < 12; round++)
            {
                var weight = 1 + ((racer + round) % slots);
                var place = Place(run, "smtp", weight: weight);
                var state = (await store.Limits!.ExchangeAsync([], [place], Cancellation)).Entered[0].State;
                while (state == LimitPlaceState.Waiting)
                {
                    await Task.Yield();
                    state = (await store.Limits.LookAsync([place.Id], Cancellation)).Changed is [var standing] ? standing.State : state;
                }

                Assert.Equal(LimitPlaceState.Granted, state);
                var now = Interlocked.Add(ref under, weight);
                for (var before = most; now > before; before = most)
                    Interlocked.CompareExchange(ref most, now, before);
                Interlocked.Increment(ref starts);
                await Task.Yield();
                Interlocked.Add(ref under, -weight);

                // Half of them end by a crash that another one declares.
                if ((racer + round) % 2 == 0)
                {
                    await store.Limits.ExchangeAsync([new LimitLeave(place.Id)], [], Cancellation);
                    continue;
                }

                var crashed = run with { State = FlowRunState.Crashed, HostId = null, Fence = run.Fence + 1 };
                Assert.True(await Store.TryReplaceAsync(crashed, run.Version, [], Cancellation));
                run = (await store.TryClaimAsync(run.Id, crashed.Version, Guid.CreateVersion7(), Now, Cancellation))!;
            }
        });

        Assert.Equal(8 * 12, starts);
        Assert.Equal(slots, most);
        Assert.Empty(await Limits.GetLanesAsync("smtp", null, null, 9, Cancellation));
    }
}
