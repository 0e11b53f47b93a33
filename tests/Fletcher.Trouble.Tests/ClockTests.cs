using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Trouble;

/// <summary>Hosts whose clocks differ by five minutes, or are set by an hour while runs are under way.</summary>
public sealed class ClockTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static TheoryData<int, int, int> Clocks => new()
    {
        { 5, 0, 0 },
        { 0, 5, 0 },
        { 0, 0, 60 },
        { 0, 0, -60 },
    };

    [Theory]
    [MemberData(nameof(Clocks))]
    public async Task A_run_whose_host_lives_is_not_taken_from_it(int ownerMinutes, int otherMinutes, int setMinutes)
    {
        await using var laboratory = new Laboratory();
        var inside = Gate(laboratory);
        var clock = new ShiftedClock(TimeSpan.FromMinutes(ownerMinutes));
        var otherClock = new ShiftedClock(TimeSpan.FromMinutes(otherMinutes));
        var owner = laboratory.Start(clock);
        var run = owner.RunAsync(() => Flows.Effects(laboratory.Id, 2, 0));
        await inside.Begun.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        var before = await laboratory.RunIsAsync(_ => true);

        var (_, other) = await laboratory.ServeAsync(otherClock);
        clock.Set(TimeSpan.FromMinutes(setMinutes));
        otherClock.Set(TimeSpan.FromMinutes(setMinutes));

        // Two looks a second: a host that counted wrong would have taken it by now.
        await Laboratory.UntilAsync(() => Task.FromResult<CutStore?>(other), seen => seen.Looks > 6);
        var now = await laboratory.RunIsAsync(_ => true);
        Assert.Equal((before.HostId, before.Fence), (now.HostId, now.Fence));
        inside.Open.SetResult();
        Assert.Equal("Succeeded Succeeded", await run.WaitAsync(Limit, TestContext.Current.CancellationToken));
        await laboratory.CheckEffectsAsync(2);
    }

    [Theory]
    [MemberData(nameof(Clocks))]
    public async Task A_run_whose_host_is_dead_goes_on(int deadMinutes, int otherMinutes, int setMinutes)
    {
        await using var laboratory = new Laboratory();
        var inside = Gate(laboratory);
        var otherClock = new ShiftedClock(TimeSpan.FromMinutes(otherMinutes));
        var (dead, cut) = laboratory.StartAndCut(new ShiftedClock(TimeSpan.FromMinutes(deadMinutes)));
        var lost = dead.RunAsync(() => Flows.Effects(laboratory.Id, 2, 0));
        await inside.Begun.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);

        cut.Cut();
        await laboratory.ServeAsync(otherClock);
        otherClock.Set(TimeSpan.FromMinutes(setMinutes));

        await laboratory.RunIsAsync(run => run.State == FlowRunState.Completed);
        inside.Open.SetResult();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => lost.WaitAsync(Limit, TestContext.Current.CancellationToken));
        Assert.Equal([0, 1], laboratory.Effects);
        await laboratory.CheckEffectsAsync(2);
        Assert.Equal(StepRunState.Unknown, (await laboratory.StepsAsync()).Single(step => step.Name == "0").State);
    }

    [Fact]
    public async Task A_run_that_a_host_with_a_fast_clock_found_crashed_is_taken_by_one_with_a_right_clock()
    {
        await using var laboratory = new Laboratory();
        var inside = Gate(laboratory);
        var (dead, cut) = laboratory.StartAndCut();
        var lost = dead.RunAsync(() => Flows.Effects(laboratory.Id, 1, 0));
        await inside.Begun.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        cut.Cut();
        await laboratory.ServeAsync(new ShiftedClock(TimeSpan.FromMinutes(5)), o => o.FlowAssemblies.Add(typeof(FletcherHost).Assembly));
        await laboratory.RunIsAsync(run => run.State == FlowRunState.Crashed && run.HostId is null);

        await laboratory.ServeAsync();

        await laboratory.RunIsAsync(run => run.State == FlowRunState.Completed);
        inside.Open.SetResult();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => lost.WaitAsync(Limit, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_run_that_a_host_with_a_fast_clock_hands_over_is_taken_by_one_with_a_right_clock()
    {
        await using var laboratory = new Laboratory();
        var inside = Gate(laboratory);
        var fast = laboratory.Start(new ShiftedClock(TimeSpan.FromMinutes(5)));
        var left = fast.RunAsync(() => Flows.Effects(laboratory.Id, 2, 0));
        await inside.Begun.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        await fast.StopAsync(cancellationToken: TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<RunHandedOverException>(() => left);
        inside.Open.SetResult();

        await laboratory.ServeAsync();

        await laboratory.RunIsAsync(run => run.State == FlowRunState.Completed);
        await laboratory.CheckEffectsAsync(2);
    }

    [Theory]
    [InlineData("retry of a step")]
    [InlineData("retry of a flow")]
    [InlineData("sleep")]
    [InlineData("time limit of a wait")]
    public async Task A_clock_that_is_set_back_makes_no_wait_longer(string what)
    {
        await using var laboratory = new Laboratory();
        var clock = new ShiftedClock();
        var host = laboratory.Start(clock);
        Task run = what switch
        {
            "retry of a step" => host.RunAsync(() => Flows.Retries(laboratory.Id)),
            "retry of a flow" => host.RunAsync(() => Flows.IsRetried(laboratory.Id)),
            "sleep" => host.RunAsync(() => Flows.Sleeps(TimeSpan.FromSeconds(2))),
            _ => host.RunAsync(() => Flows.Waits(TimeSpan.FromSeconds(2))),
        };
        await clock.Armed.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);

        clock.Set(TimeSpan.FromHours(-1));

        if (what == "time limit of a wait")
            await Assert.ThrowsAsync<WaitTimeoutException>(() => run.WaitAsync(Limit, TestContext.Current.CancellationToken));
        else
            await run.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_sleep_until_a_time_lasts_until_the_clock_shows_it()
    {
        await using var laboratory = new Laboratory();
        var clock = new ShiftedClock();
        var host = laboratory.Start(clock);
        var until = clock.GetUtcNow().AddSeconds(2);
        var run = host.RunAsync(() => Flows.SleepsUntil(until));
        await clock.Armed.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);

        clock.Set(TimeSpan.FromSeconds(-2));

        await run.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.True(clock.GetUtcNow() >= until);
    }

    [Fact]
    public async Task A_parked_sleep_is_over_when_the_clock_is_set_beyond_it()
    {
        await using var laboratory = new Laboratory();
        var clock = new ShiftedClock();
        var host = laboratory.Start(clock, o => o.ParkAfter = TimeSpan.Zero);
        var run = host.RunAsync(() => Flows.Sleeps(TimeSpan.FromHours(1)));
        await laboratory.RunIsAsync(parked => parked.State == FlowRunState.Waiting && parked.HostId is null);

        clock.Set(TimeSpan.FromHours(1));

        await run.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Who_waits_for_a_run_of_another_host_gets_its_result_although_the_clock_was_set_back()
    {
        await using var laboratory = new Laboratory();
        var inside = Gate(laboratory);
        var first = laboratory.Start().RunAsync(() => Flows.Shared(laboratory.Id));
        await inside.Begun.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        var clock = new ShiftedClock();
        var notes = new NoteObserver();
        var second = laboratory.Start(clock, o => o.Observers.Add(notes)).RunAsync(() => Flows.Shared(laboratory.Id));
        await notes.Noted.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);

        clock.Set(TimeSpan.FromHours(-1));
        inside.Open.SetResult();

        Assert.Equal("Succeeded", await second.WaitAsync(Limit, TestContext.Current.CancellationToken));
        Assert.Equal("Succeeded", await first);
        Assert.Equal([0], laboratory.Effects);
    }

    [Theory]
    [InlineData(-60, 0)]
    [InlineData(0, 5)]
    public async Task A_parked_run_that_is_sent_a_signal_goes_on_whatever_the_clocks_show(int setMinutes, int senderMinutes)
    {
        await using var laboratory = new Laboratory();
        var clock = new ShiftedClock();
        var host = laboratory.Start(clock, o => o.ParkAfter = TimeSpan.Zero);
        var run = host.RunAsync(() => Flows.Waits(null));
        var parked = await laboratory.RunIsAsync(parked => parked.State == FlowRunState.Waiting && parked.HostId is null);
        var sender = laboratory.Start(new ShiftedClock(TimeSpan.FromMinutes(senderMinutes)));
        await sender.StartAsync(TestContext.Current.CancellationToken);

        clock.Set(TimeSpan.FromMinutes(setMinutes));
        Assert.True(await sender.Client.SignalAsync(parked.Id, "paid", 7, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(7, await run.WaitAsync(Limit, TestContext.Current.CancellationToken));
    }

    /// <summary>Holds the first effect until it is opened.</summary>
    private static (TaskCompletionSource Begun, TaskCompletionSource Open) Gate(Laboratory laboratory)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        laboratory.Inside = number =>
        {
            if (number != 0)
                return Task.CompletedTask;
            begun.TrySetResult();
            return open.Task;
        };
        return (begun, open);
    }
}
