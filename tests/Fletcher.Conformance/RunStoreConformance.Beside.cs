using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task What_is_written_beside_a_replacement_comes_with_it()
    {
        var content = new byte[300_000];
        new Random(2).NextBytes(content);
        var run = A.FlowRun(state: FlowRunState.Completed);
        var sub = A.SubFlow(run, FlowRunState.Completed);
        await WriteAsync(run, sub, A.StepRun(run.Id, 1), A.StepRun(run.Id, 2));

        var discarded = A.StepRun(run.Id, 2) with { Discarded = true, Result = A.Value(content) };
        var beside = Batch(discarded, sub with { State = FlowRunState.Crashed, Fence = 1 }, A.Question(run.Id, 3), A.Ledger(run.Id, "why"));
        beside.Messages.Add(A.Message(run.Id, MessageKind.Retry));
        Assert.True(await Store.TryReplaceAsync(run with { Fence = 1, State = FlowRunState.Queued, WakeAt = Now }, run.Version, beside, Cancellation));

        Assert.Equal([false, true], (await StepRunsAsync(run.Id)).Select(step => step.Discarded));
        Assert.Equal(content, (await Store.ReadValueAsync((await StepRunsAsync(run.Id))[1].Result!, Cancellation)).ToArray());
        Assert.Equal(FlowRunState.Crashed, (await RunAsync(sub.Id)).State);
        Assert.Single(await Store.GetQuestionsAsync(run.Id, true, 10, Cancellation));
        Assert.Equal("why", Assert.Single(await Store.GetLedgerAsync(run.Id, Cancellation)).Reason);
        Assert.Equal(MessageKind.Retry, Assert.Single(await Store.GetUntakenAsync(run.Id, Cancellation)).Kind);
    }

    [Fact]
    public async Task Nothing_is_written_beside_a_replacement_that_comes_too_late()
    {
        var run = A.FlowRun(state: FlowRunState.Completed) with { Fence = 3 };
        await WriteAsync(run, A.StepRun(run.Id, 1));

        var beside = Batch(A.StepRun(run.Id, 1) with { Discarded = true }, A.Ledger(run.Id, "why"));
        beside.Messages.Add(A.Message(run.Id, MessageKind.Retry));
        Assert.False(await Store.TryReplaceAsync(run with { Fence = 9, State = FlowRunState.Queued }, run.Version with { Fence = 2 }, beside, Cancellation));

        Assert.False(Assert.Single(await StepRunsAsync(run.Id)).Discarded);
        Assert.Empty(await Store.GetLedgerAsync(run.Id, Cancellation));
        Assert.Empty(await Store.GetUntakenAsync(run.Id, Cancellation));
        Assert.Equal(0, await Store.GetLastMessageAsync(Cancellation));
    }

    [Fact]
    public async Task A_bad_record_beside_a_replacement_spoils_all_of_it()
    {
        var run = A.FlowRun(state: FlowRunState.Completed);
        await WriteAsync(run);

        var keyed = Batch(A.StepRun(run.Id, 1));
        keyed.Messages.Add(A.Message(run.Id, MessageKind.Retry, "key"));
        await Assert.ThrowsAnyAsync<ArgumentException>(
            async () => await Store.TryReplaceAsync(run with { Fence = 1, State = FlowRunState.Queued }, run.Version, keyed, Cancellation));

        await AssertSameAsync(run, await RunAsync(run.Id));
        Assert.Empty(await StepRunsAsync(run.Id));
    }

    [Fact]
    public async Task A_run_is_opened_again_only_if_its_once_key_is_still_its_own()
    {
        var failed = A.FlowRun(state: FlowRunState.Failed) with { OnceKey = "october" };
        var since = A.FlowRun(state: FlowRunState.Completed) with { OnceKey = "october" };
        await WriteAsync(failed, since);

        Assert.False(await Store.TryReplaceAsync(failed with { Fence = 1, State = FlowRunState.Queued }, failed.Version, new WriteBatch(), Cancellation));
        Assert.True(await Store.TryReplaceAsync(since with { Fence = 1, State = FlowRunState.Queued }, since.Version, new WriteBatch(), Cancellation));
        Assert.True(await Store.TryReplaceAsync(failed with { Fence = 1 }, failed.Version, new WriteBatch(), Cancellation));

        Assert.Equal(FlowRunState.Failed, (await RunAsync(failed.Id)).State);
    }

    [Fact]
    public async Task A_message_in_a_batch_is_kept_whatever_state_its_run_is_in_and_wakes_nobody()
    {
        var done = A.FlowRun("F", FlowRunState.Completed);
        var parked = A.Parked();
        var sub = A.SubFlow(parked, FlowRunState.Waiting);
        await WriteAsync(done, parked, sub);

        var batch = new WriteBatch();
        batch.Messages.AddRange([A.Message(done.Id, MessageKind.Retry), A.Message(sub.Id), A.Message(A.RunId())]);
        Assert.Equal(3, batch.Count);
        await Store.WriteAsync(batch, Cancellation);

        Assert.Equal(
            [(done.Id, done.Id), (sub.Id, parked.Id)],
            (await Store.GetMessagesAsync(0, 10, Cancellation)).Select(message => (message.RunId, message.RootRunId)));
        Assert.Null((await RunAsync(parked.Id)).WakeAt);
        Assert.Empty(await ClaimDueAsync());
    }

    [Fact]
    public async Task A_new_run_and_a_message_to_it_can_be_written_together()
    {
        var run = A.Parked(Now, FlowRunState.Queued);
        var batch = Batch(run);
        batch.Messages.Add(A.Message(run.Id, MessageKind.Retry));

        await Store.WriteAsync(batch, Cancellation);

        Assert.Equal(run.Id, Assert.Single(await ClaimDueAsync()).Run.Id);
        Assert.Single(await Store.GetUntakenAsync(run.Id, Cancellation));
    }

    [Theory]
    [InlineData(FlowRunState.Completed)]
    [InlineData(FlowRunState.Failed)]
    [InlineData(FlowRunState.Cancelled)]
    public async Task Open_questions_of_a_family_are_closed_with_the_end_of_its_root(FlowRunState end)
    {
        var root = A.FlowRun();
        var sub = A.SubFlow(root, FlowRunState.Waiting);
        var crashed = A.SubFlow(sub, FlowRunState.Crashed);
        var other = A.FlowRun() with { ParentRunId = root.Id }; // started by it, and a root itself
        var answered = A.Question(root.Id, 2) with { ClosedAt = A.Instant.AddMinutes(1), AnsweredBy = "grace", Answer = "true"u8.ToArray() };
        await WriteAsync(root, sub, crashed, other, A.Question(root.Id, 1), answered, A.Question(sub.Id, 1), A.Question(crashed.Id, 1), A.Question(other.Id, 1));

        Assert.True(await Store.TryReplaceAsync(root with { Fence = 1, State = end, EndedAt = Now }, 0, [], Cancellation));

        Assert.Equal(other.Id, Assert.Single(await Store.GetQuestionsAsync(null, true, 10, Cancellation)).RunId);
        var closed = await Store.GetQuestionsAsync(root.Id, false, 10, Cancellation);
        await AssertSameAsync(answered, closed.Single(question => question.Sequence == 2));
        await AssertSameAsync(A.Question(root.Id, 1) with { ClosedAt = Now }, closed.Single(question => question.Sequence == 1));
    }

    [Theory]
    [InlineData(FlowRunState.Crashed, false)]
    [InlineData(FlowRunState.Failed, true)]
    [InlineData(FlowRunState.Queued, true)]
    public async Task Open_questions_stay_open_when_their_run_goes_on(FlowRunState state, bool wakes)
    {
        var root = A.FlowRun();
        var sub = A.SubFlow(root);
        await WriteAsync(root, sub, A.Question(root.Id, 1), A.Question(sub.Id, 1));

        Assert.True(await Store.TryReplaceAsync(
            root with { Fence = 1, State = state, EndedAt = Now, WakeAt = wakes ? Now : null }, 0, [], Cancellation));

        Assert.Equal(2, (await Store.GetQuestionsAsync(null, true, 10, Cancellation)).Count);
    }
}
