using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task A_message_is_kept_with_everything_and_with_nothing()
    {
        var run = A.FlowRun();
        await WriteAsync(run);
        var full = Samples.FullMessage with { RunId = run.Id };
        var bare = A.Message(run.Id);

        // What the store fills in is not taken from the sender.
        var keptFull = await SendAsync(full with { Number = 99, RootRunId = A.RunId(), TakenBy = 7 });
        var keptBare = await SendAsync(bare);

        await AssertSameAsync(full with { Number = keptFull.Number, RootRunId = run.Id }, keptFull);
        await AssertSameAsync(bare with { Number = keptBare.Number, RootRunId = run.Id }, keptBare);
        await AssertSameAsync(new[] { keptFull, keptBare }, (await Store.GetMessagesAsync(0, 10, Cancellation)).ToArray());
        await AssertSameAsync(new[] { keptFull, keptBare }, (await Store.GetUntakenAsync(run.Id, Cancellation)).ToArray());
    }

    [Fact]
    public async Task Numbers_of_messages_increase_over_all_runs()
    {
        FlowRunRecord[] runs = [A.FlowRun(), A.FlowRun()];
        await WriteAsync(runs);
        Assert.Equal(0, await Store.GetLastMessageAsync(Cancellation));

        var last = 0L;
        for (var i = 0; i < 10; i++)
        {
            var number = (await SendAsync(A.Message(runs[i % 2].Id))).Number;
            Assert.True(number > last, $"{number} after {last}");
            last = number;
            Assert.Equal(last, await Store.GetLastMessageAsync(Cancellation));
        }
    }

    [Fact]
    public async Task Of_the_messages_to_a_run_with_the_same_key_only_the_first_is_kept()
    {
        var run = A.FlowRun();
        await WriteAsync(run);
        var first = await SendAsync(A.Message(run.Id, key: "k") with { Name = "first" });

        await AssertSameAsync(first, await SendAsync(A.Message(run.Id, key: "k") with { Name = "second" }));

        await AssertSameAsync(first, Assert.Single(await Store.GetMessagesAsync(0, 10, Cancellation)));
        Assert.Equal(first.Number, await Store.GetLastMessageAsync(Cancellation));
    }

    [Fact]
    public async Task Keys_of_messages_are_by_run_and_by_letter()
    {
        FlowRunRecord[] runs = [A.FlowRun(), A.FlowRun()];
        await WriteAsync(runs);

        foreach (var (run, key) in ((int, string?)[])[(0, "k"), (0, "K"), (0, ""), (1, "k"), (0, null), (0, null)])
            await SendAsync(A.Message(runs[run].Id, key: key));

        Assert.Equal(6, (await Store.GetMessagesAsync(0, 10, Cancellation)).Count);
    }

    [Fact]
    public async Task A_message_that_was_kept_before_the_run_ended_is_answered_with_after_it()
    {
        var run = A.FlowRun();
        await WriteAsync(run);
        var first = await SendAsync(A.Message(run.Id, key: "k"));
        await WriteAsync(run with { State = FlowRunState.Completed }, new TakenMessage(run.Id, first.Number, 3));

        await AssertSameAsync(first with { TakenBy = 3 }, await SendAsync(A.Message(run.Id, key: "k")));
    }

    [Fact]
    public async Task A_run_that_is_not_there_takes_no_messages()
    {
        Assert.Null(await Store.SendAsync(A.Message(A.RunId()), Cancellation));
        Assert.Null(await Store.SendAsync(A.Message(A.RunId(), MessageKind.Retry), Cancellation));

        Assert.Equal(0, await Store.GetLastMessageAsync(Cancellation));
    }

    public static TheoryData<FlowRunState, bool, bool> Takers => new()
    {
        // The state, whether the run goes on at some time, whether it takes a message.
        { FlowRunState.Scheduled, false, true },
        { FlowRunState.Queued, false, true },
        { FlowRunState.Running, false, true },
        { FlowRunState.Waiting, false, true },
        { FlowRunState.Cancelling, false, true },
        { FlowRunState.Completed, false, false },
        { FlowRunState.Completed, true, false },
        { FlowRunState.Failed, false, false },
        { FlowRunState.Failed, true, true },
        { FlowRunState.Cancelled, false, false },
        { FlowRunState.Crashed, false, false },
        { FlowRunState.Crashed, true, true },
    };

    [Theory]
    [MemberData(nameof(Takers))]
    public async Task A_run_takes_messages_until_it_has_ended_for_good(FlowRunState state, bool goesOn, bool takes)
    {
        var run = A.Parked(goesOn ? Now.AddHours(1) : null, state);
        await WriteAsync(run);

        foreach (var kind in Enum.GetValues<MessageKind>().Except([MessageKind.Retry]))
            Assert.Equal(takes, await Store.SendAsync(A.Message(run.Id, kind), Cancellation) is not null);

        Assert.Equal(takes, (await Store.GetUntakenAsync(run.Id, Cancellation)).Count > 0);
    }

    [Theory]
    [InlineData(FlowRunState.Running, FlowRunState.Running, true)]
    [InlineData(FlowRunState.Running, FlowRunState.Failed, false)]
    [InlineData(FlowRunState.Running, FlowRunState.Completed, false)]
    [InlineData(FlowRunState.Failed, FlowRunState.Running, false)]
    [InlineData(FlowRunState.Running, FlowRunState.Crashed, true)]
    public async Task A_sub_flow_takes_messages_while_it_and_its_root_go_on(FlowRunState root, FlowRunState sub, bool takes)
    {
        var rootRun = A.FlowRun(state: root);
        var subFlow = A.SubFlow(rootRun, sub);
        await WriteAsync(rootRun, subFlow);

        var message = await Store.SendAsync(A.Message(subFlow.Id), Cancellation);

        Assert.Equal(takes, message is not null);
        Assert.Equal(takes ? rootRun.Id : null, message?.RootRunId);
    }

    [Theory]
    [InlineData(FlowRunState.Failed)]
    [InlineData(FlowRunState.Crashed)]
    [InlineData(FlowRunState.Cancelled)]
    public async Task A_run_that_ended_is_due_when_somebody_asks_for_it_again(FlowRunState state)
    {
        // Ended before hosts were noted to have left it.
        var run = A.FlowRun("F", state) with { HostId = Guid.CreateVersion7(), EndedAt = A.Instant };
        await WriteAsync(run);

        Assert.NotNull(await Store.SendAsync(A.Message(run.Id, MessageKind.Retry), Cancellation));

        await AssertSameAsync(run with { WakeAt = Now, HostId = null }, await RunAsync(run.Id));
        Assert.Equal(state, Assert.Single(await ClaimDueAsync()).From);
    }

    [Fact]
    public async Task A_run_that_completed_cannot_be_asked_for_again()
    {
        var run = A.FlowRun("F", FlowRunState.Completed);
        await WriteAsync(run);

        Assert.Null(await Store.SendAsync(A.Message(run.Id, MessageKind.Retry), Cancellation));

        await AssertSameAsync(run, await RunAsync(run.Id));
    }

    [Theory]
    [InlineData(FlowRunState.Waiting)]
    [InlineData(FlowRunState.Queued)]
    public async Task A_message_makes_a_run_due_that_waits_without_a_host(FlowRunState state)
    {
        var run = A.Parked(wakeAt: null, state);
        var later = A.Parked(Now.AddDays(300), state);
        var sooner = A.Parked(Now.AddMinutes(-5), state);
        await WriteAsync(run, later, sooner);

        foreach (var waiting in (FlowRunRecord[])[run, later, sooner])
            await SendAsync(A.Message(waiting.Id));

        await AssertSameAsync(run with { WakeAt = Now }, await RunAsync(run.Id));
        await AssertSameAsync(later with { WakeAt = Now }, await RunAsync(later.Id));
        await AssertSameAsync(sooner, await RunAsync(sooner.Id));
    }

    [Fact]
    public async Task A_message_to_a_sub_flow_makes_its_root_due()
    {
        var root = A.Parked();
        var sub = A.SubFlow(root, FlowRunState.Waiting);
        await WriteAsync(root, sub);

        Assert.Equal(root.Id, (await SendAsync(A.Message(sub.Id))).RootRunId);

        Assert.Equal(Now, (await RunAsync(root.Id)).WakeAt);
        await AssertSameAsync(sub, await RunAsync(sub.Id));
    }

    [Fact]
    public async Task A_message_changes_nothing_of_a_run_that_need_not_be_woken()
    {
        FlowRunRecord[] runs =
        [
            A.FlowRun(state: FlowRunState.Running) with { HostId = Guid.CreateVersion7() },
            A.FlowRun(state: FlowRunState.Waiting) with { HostId = Guid.CreateVersion7() },
            A.Parked(Now.AddHours(1), FlowRunState.Scheduled),
            A.Parked(Now.AddHours(1), FlowRunState.Crashed),
        ];
        await WriteAsync(runs);

        foreach (var run in runs)
        {
            await SendAsync(A.Message(run.Id));
            await AssertSameAsync(run, await RunAsync(run.Id));
        }
    }

    [Fact]
    public async Task A_message_that_was_sent_before_does_not_wake_again()
    {
        var run = A.Parked();
        await WriteAsync(run);
        var message = await SendAsync(A.Message(run.Id, key: "k"));
        await WriteAsync(run with { LastMessage = message.Number });

        await SendAsync(A.Message(run.Id, key: "k"));

        Assert.Null((await RunAsync(run.Id)).WakeAt);
    }

    [Fact]
    public async Task Messages_are_read_in_pages_taken_or_not()
    {
        FlowRunRecord[] runs = [A.FlowRun(), A.FlowRun()];
        await WriteAsync(runs);
        var numbers = new List<long>();
        for (var i = 0; i < 25; i++)
            numbers.Add((await SendAsync(A.Message(runs[i % 2].Id))).Number);
        await WriteAsync(new TakenMessage(runs[0].Id, numbers[0], 1));

        var read = new List<long>();
        IReadOnlyList<RunMessage> page;
        do
        {
            page = await Store.GetMessagesAsync(read.Count == 0 ? 0 : read[^1], 10, Cancellation);
            Assert.True(page.Count <= 10);
            read.AddRange(page.Select(message => message.Number));
        }
        while (page.Count > 0);

        Assert.Equal(numbers, read);
        Assert.Empty(await Store.GetMessagesAsync(long.MaxValue, 10, Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Store.GetMessagesAsync(0, 0, Cancellation));
    }

    [Fact]
    public async Task Untaken_messages_are_those_of_a_family_that_nobody_took()
    {
        var root = A.FlowRun();
        var sub = A.SubFlow(root);
        var other = A.FlowRun();
        await WriteAsync(root, sub, other);
        var first = await SendAsync(A.Message(root.Id));
        var second = await SendAsync(A.Message(sub.Id));
        var third = await SendAsync(A.Message(root.Id));
        await SendAsync(A.Message(other.Id));

        await WriteAsync(new TakenMessage(root.Id, first.Number, 4), new TakenMessage(sub.Id, second.Number, -1));
        await AssertSameAsync(new[] { third }, (await Store.GetUntakenAsync(root.Id, Cancellation)).ToArray());
        Assert.Equal([4, -1, 0, 0], (await Store.GetMessagesAsync(0, 10, Cancellation)).Select(message => message.TakenBy));

        await WriteAsync(new TakenMessage(sub.Id, second.Number, 0));
        await AssertSameAsync(new[] { second, third }, (await Store.GetUntakenAsync(root.Id, Cancellation)).ToArray());
        Assert.Empty(await Store.GetUntakenAsync(sub.Id, Cancellation));
    }

    [Fact]
    public async Task A_message_to_another_run_or_to_nobody_cannot_be_taken()
    {
        FlowRunRecord[] runs = [A.FlowRun(), A.FlowRun()];
        await WriteAsync(runs);
        var message = await SendAsync(A.Message(runs[0].Id));

        await WriteAsync(
            new TakenMessage(runs[1].Id, message.Number, 1), new TakenMessage(runs[0].Id, message.Number + 1, 1),
            new TakenMessage(runs[0].Id, 0, 1));

        await AssertSameAsync(message, Assert.Single(await Store.GetMessagesAsync(0, 10, Cancellation)));
    }

    [Theory]
    [MemberData(nameof(BadRecords))]
    public async Task A_message_is_taken_with_the_whole_batch_or_not_at_all(string bad)
    {
        var run = A.FlowRun();
        await WriteAsync(run);
        var message = await SendAsync(A.Message(run.Id));
        var batch = Batch(A.StepRun(run.Id, 1), new TakenMessage(run.Id, message.Number, 1));
        Samples.Bad[bad](batch);

        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.WriteAsync(batch, Cancellation));

        Assert.Empty(await StepRunsAsync(run.Id));
        await AssertSameAsync(new[] { message }, (await Store.GetUntakenAsync(run.Id, Cancellation)).ToArray());
    }
}
