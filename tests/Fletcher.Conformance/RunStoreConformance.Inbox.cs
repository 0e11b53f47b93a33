using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task Questions_with_everything_and_with_nothing_come_back()
    {
        var full = Samples.FullQuestion;
        var bare = A.Question(A.RunId(), 1);

        await WriteAsync(full, bare);

        await AssertSameAsync(full, Assert.Single(await Store.GetQuestionsAsync(full.RunId, false, 10, Cancellation)));
        await AssertSameAsync(bare, Assert.Single(await Store.GetQuestionsAsync(bare.RunId, false, 10, Cancellation)));
    }

    [Fact]
    public async Task Questions_are_listed_newest_first()
    {
        var run = A.RunId();
        var later = A.RunId();
        await WriteAsync(
            A.Question(run, 1, A.Instant), A.Question(run, 2, A.Instant.AddMinutes(2)), A.Question(later, 3, A.Instant.AddMinutes(1)),
            A.Question(later, 4, A.Instant.AddMinutes(2)), A.Question(later, 5, A.Instant.AddMinutes(2)));

        async Task<IEnumerable<int>> Sequences(RunId? of, int limit) =>
            (await Store.GetQuestionsAsync(of, onlyOpen: true, limit, Cancellation)).Select(question => question.Sequence);

        Assert.Equal([5, 4, 2, 3, 1], await Sequences(null, 10));
        Assert.Equal([5, 4, 2], await Sequences(null, 3));
        Assert.Equal([2, 1], await Sequences(run, 10));
        Assert.Equal([5], await Sequences(later, 1));
        Assert.Empty(await Sequences(A.RunId(), 10));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Sequences(null, 0));
    }

    [Fact]
    public async Task A_question_is_open_until_it_is_closed()
    {
        var open = A.Question(A.RunId(), 1);
        var asked = A.Question(open.RunId, 2, A.Instant.AddMinutes(1));
        await WriteAsync(open, asked);
        var answered = asked with { ClosedAt = Now, AnsweredBy = "ada", Answer = [1] };
        await WriteAsync(answered);

        foreach (var run in (RunId?[])[null, open.RunId])
        {
            await AssertSameAsync(new[] { open }, (await Store.GetQuestionsAsync(run, true, 10, Cancellation)).ToArray());
            await AssertSameAsync(new[] { answered, open }, (await Store.GetQuestionsAsync(run, false, 10, Cancellation)).ToArray());
        }

        var askedAgain = asked with { AskedAt = Now };
        await WriteAsync(askedAgain);
        await AssertSameAsync(new[] { askedAgain, open }, (await Store.GetQuestionsAsync(null, true, 10, Cancellation)).ToArray());
    }

    [Fact]
    public async Task Runs_of_a_paused_flow_are_not_due_until_it_is_resumed()
    {
        var waiting = A.Parked(Now);
        var crashed = A.Parked(Now, FlowRunState.Crashed);
        var other = A.Parked(Now, flow: "G");
        await WriteAsync(waiting, crashed, other);

        Assert.True(await Store.SetPausedAsync("F", new PausedFlow("F", Now, "ada", "why"), Cancellation));
        Assert.Null(await Store.GetNextWakeAsync(["F"], Cancellation));
        Assert.Equal(Now, await Store.GetNextWakeAsync(["F", "G"], Cancellation));
        Assert.Equal(
            other.Id, Assert.Single(await Store.ClaimDueAsync(Guid.CreateVersion7(), ["F", "G"], Now, 10, Cancellation)).Run.Id);

        Assert.True(await Store.SetPausedAsync("F", null, Cancellation));
        Assert.Equal([waiting.Id, crashed.Id], (await ClaimDueAsync()).Select(claimed => claimed.Run.Id).Order());
    }

    [Theory]
    [InlineData(FlowRunState.Waiting, true)]
    [InlineData(FlowRunState.Queued, true)]
    [InlineData(FlowRunState.Crashed, true)]
    [InlineData(FlowRunState.Failed, false)]
    public async Task A_run_of_a_paused_flow_that_is_to_stop_is_due(FlowRunState state, bool isDue)
    {
        var run = A.Parked(Now.AddMinutes(-1), state);
        var other = A.Parked(Now);
        await WriteAsync(run, other);
        await Store.SetPausedAsync("F", new PausedFlow("F", Now, "ada", null), Cancellation);

        await SendAsync(A.Message(other.Id));
        await SendAsync(A.Message(run.Id, MessageKind.Cancel));
        await SendAsync(A.Message(run.Id, MessageKind.Cancel));

        Assert.Equal(isDue ? Now : null, await Store.GetNextWakeAsync(["F"], Cancellation));
        Assert.Null(await Store.GetNextWakeAsync(["G"], Cancellation));
        Assert.Empty(await Store.ClaimDueAsync(Guid.CreateVersion7(), ["F"], Now.AddMinutes(-2), 10, Cancellation));
        Assert.Empty(await Store.ClaimDueAsync(Guid.CreateVersion7(), ["G"], Now, 10, Cancellation));
        Assert.Equal(isDue ? [run.Id] : [], (await ClaimDueAsync()).Select(claimed => claimed.Run.Id));
        Assert.Empty(await ClaimDueAsync());
    }

    [Fact]
    public async Task A_run_of_a_paused_flow_is_not_due_for_a_cancel_that_was_taken_or_is_for_a_sub_flow()
    {
        var root = A.Parked(Now);
        var sub = A.SubFlow(root, FlowRunState.Waiting);
        await WriteAsync(root, sub);
        await Store.SetPausedAsync("F", new PausedFlow("F", Now, "ada", null), Cancellation);
        var taken = await SendAsync(A.Message(root.Id, MessageKind.Cancel));
        await SendAsync(A.Message(sub.Id, MessageKind.Cancel));

        await WriteAsync(new TakenMessage(root.Id, taken.Number, -1));
        Assert.Empty(await ClaimDueAsync());

        await WriteAsync(new TakenMessage(root.Id, taken.Number, 0));
        Assert.Equal(root.Id, Assert.Single(await ClaimDueAsync()).Run.Id);
    }

    [Fact]
    public async Task Queued_runs_are_due_when_their_flow_is_resumed()
    {
        await Store.SetPausedAsync("F", new PausedFlow("F", Now, "ada", null), Cancellation);
        var queued = A.Parked(wakeAt: null, FlowRunState.Queued);
        var later = A.Parked(Now.AddDays(1), FlowRunState.Queued);
        var earlier = A.Parked(Now.AddDays(-1), FlowRunState.Queued);
        FlowRunRecord[] others =
        [
            A.Parked(wakeAt: null, FlowRunState.Waiting),
            A.Parked(wakeAt: null, FlowRunState.Queued, flow: "G"),
            A.Parked(wakeAt: null, FlowRunState.Queued) with { HostId = Guid.CreateVersion7() },
            A.SubFlow(queued, FlowRunState.Queued) with { Flow = "F" },
        ];
        await WriteAsync([queued, later, earlier, .. others]);

        await Store.SetPausedAsync("F", null, Cancellation);

        Assert.Equal(Now, (await RunAsync(queued.Id)).WakeAt);
        Assert.Equal(Now, (await RunAsync(later.Id)).WakeAt);
        Assert.Equal(Now.AddDays(-1), (await RunAsync(earlier.Id)).WakeAt);
        foreach (var other in others)
            await AssertSameAsync(other, await RunAsync(other.Id));
    }

    [Fact]
    public async Task A_flow_is_paused_and_resumed_once()
    {
        var paused = new PausedFlow("F", Now, "ada", null);
        Assert.False(await Store.SetPausedAsync("F", null, Cancellation));

        Assert.True(await Store.SetPausedAsync("F", paused, Cancellation));
        Assert.False(await Store.SetPausedAsync("F", paused, Cancellation));
        Assert.True(await Store.SetPausedAsync("F", paused with { Reason = "why" }, Cancellation));
        Assert.False(await Store.SetPausedAsync("F", paused with { Reason = "why" }, Cancellation));
        Assert.Equal([paused with { Reason = "why" }], await Store.GetPausedAsync(Cancellation));

        Assert.True(await Store.SetPausedAsync("F", null, Cancellation));
        Assert.False(await Store.SetPausedAsync("F", null, Cancellation));
        Assert.Empty(await Store.GetPausedAsync(Cancellation));
    }

    [Fact]
    public async Task Paused_flows_are_listed_with_who_and_why()
    {
        PausedFlow[] paused = [new("F", Now, "ada", null), new("G", Now.AddDays(1), Samples.Text, Samples.Text), new("", A.Instant, "", "")];
        foreach (var flow in paused)
            await Store.SetPausedAsync(flow.Flow, flow, Cancellation);

        Assert.Equal([paused[2], paused[0], paused[1]], await Store.GetPausedAsync(Cancellation));
    }

    [Fact]
    public async Task A_pause_of_another_flow_is_refused() => await Assert.ThrowsAsync<ArgumentException>(
        async () => await Store.SetPausedAsync("F", new PausedFlow("G", Now, "ada", null), Cancellation));
}
