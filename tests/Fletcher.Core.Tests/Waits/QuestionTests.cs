using System.Text;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine.Tests.Waits;

/// <summary>Flow.Ask: questions to people, which are kept until somebody answers, the time is up or the run stops.</summary>
public sealed class QuestionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_question_is_kept_with_its_schema_until_it_is_answered(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = scene.NewHost().Run(() => Work.Asks());
        await scene.Parked();
        var asked = Assert.Single(await scene.Client.GetQuestionsAsync(cancellationToken: Cancellation));
        Assert.Equal(("Pay 7?", "ada", Scene.Start, null), (asked.Text, asked.To, asked.AskedAt, asked.ClosedAt));
        Assert.Contains("boolean", asked.Schema, StringComparison.Ordinal);

        await Answer(scene, asked, "true");

        Assert.Equal("paid", await run);
        Assert.Empty(await scene.Client.GetQuestionsAsync(cancellationToken: Cancellation));
        var closed = Assert.Single(await Questions(scene));
        Assert.Equal(("bob", "true"), (closed.AnsweredBy, Encoding.UTF8.GetString(closed.Answer!)));
    }

    [Fact]
    public async Task An_answer_that_does_not_fit_is_refused_and_the_question_stays_open()
    {
        await using var scene = new Scene();
        var run = scene.NewHost().Run(() => Work.Asks());
        await scene.Parked();
        var asked = Assert.Single(await Questions(scene));

        await Answer(scene, asked, "\"perhaps\"");
        await scene.Until(run => run is { HostId: null, Attempt: 2 });
        Assert.Null(Assert.Single(await Questions(scene)).ClosedAt);
        await Answer(scene, asked, "false");

        Assert.Equal("not paid", await run);
        Assert.Contains(await scene.Ledger(asked.RunId), reason => reason.StartsWith("answer from bob was refused", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_question_that_nobody_answers_is_closed_at_its_time(bool isParked)
    {
        await using var scene = new Scene();
        var run = scene.NewHost(options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(9)).Run(() => Work.Asks());
        _ = isParked ? await scene.Parked() : await scene.Steps(StepRunState.Waiting);

        scene.Time.Advance(TimeSpan.FromHours(8));

        var error = await Assert.ThrowsAsync<WaitTimeoutException>(() => run);
        Assert.Contains("Pay 7?", error.Message, StringComparison.Ordinal);
        var closed = Assert.Single(await Questions(scene));
        Assert.Equal((Scene.Start.AddHours(8), null), (closed.ClosedAt, closed.AnsweredBy));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_person_is_asked_once_when_the_first_does_not_answer(bool isParked)
    {
        await using var scene = new Scene();
        var host = scene.NewHost(options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(9));
        var run = host.Run(() => Work.Escalates());
        var waiting = isParked ? await scene.Parked() : await scene.Steps(StepRunState.Waiting);
        var asked = Assert.Single(await Questions(scene));
        Assert.Equal(("boss", Scene.Start.AddHours(2)), (asked.EscalateTo, asked.EscalateAt));

        scene.Time.Advance(TimeSpan.FromHours(2));
        await scene.Until(() => host.Seen.Notes.Count > 0);
        if (isParked)
        {
            // Executed once more for nothing: the boss is not asked again.
            await scene.Parked();
            await Answer(scene, asked, "\"perhaps\"");
            await scene.Until(run => run is { HostId: null, Attempt: 3, WakeAt: null });
        }

        await Answer(scene, asked, "true");

        Assert.Equal("paid", await run);
        Assert.Contains("boss is asked too", Assert.Single(host.Seen.Notes), StringComparison.Ordinal);
        Assert.Single(await scene.Ledger(waiting.Id), reason => reason == "nobody answered for 02:00:00: boss is asked too");
    }

    [Fact]
    public async Task A_second_person_is_asked_although_no_host_ran_at_that_time()
    {
        await using var scene = new Scene(sqlite: true);
        var first = scene.NewHost();
        var lost = first.Run(() => Work.Escalates());
        var parked = await scene.Parked();
        await first.DisposeAsync();
        await Assert.ThrowsAsync<RunHandedOverException>(() => lost);
        scene.Time.Advance(TimeSpan.FromHours(5));

        await scene.NewServer();
        await scene.Until(run => run is { HostId: null, Attempt: 2, WakeAt: null });
        await Answer(scene, Assert.Single(await Questions(scene)), "true");
        await scene.Until(run => run.State == FlowRunState.Completed);

        Assert.Single(await scene.Ledger(parked.Id), reason => reason == "nobody answered for 02:00:00: boss is asked too");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_question_of_a_run_that_is_cancelled_is_withdrawn(bool sqlite, bool isParked)
    {
        await using var scene = new Scene(sqlite);
        var run = scene.NewHost(options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(9)).Run(() => Work.Asks());
        var waiting = isParked ? await scene.Parked() : await scene.Steps(StepRunState.Waiting);

        await scene.Client.CancelAsync(waiting.Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        var withdrawn = Assert.Single(await Questions(scene));
        Assert.Equal((Scene.Start, null, Scene.Start.AddHours(8)), (withdrawn.ClosedAt, withdrawn.AnsweredBy, withdrawn.ExpiresAt));
        Assert.Equal(StepRunState.Cancelled, Assert.Single(await scene.StepRuns()).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_question_of_a_run_whose_time_is_up_is_withdrawn(bool isParked)
    {
        await using var scene = new Scene();
        var run = scene.NewHost(options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(9)).Run(() => Work.Limited());
        _ = isParked ? await scene.Parked() : await scene.Steps(StepRunState.Waiting);

        scene.Time.Advance(TimeSpan.FromHours(1));

        await Assert.ThrowsAsync<StepTimeoutException>(() => run);
        Assert.NotNull(Assert.Single(await Questions(scene)).ClosedAt);
    }

    [Fact]
    public async Task A_question_survives_its_host_and_is_answered_while_none_runs()
    {
        await using var scene = new Scene(sqlite: true);
        var first = scene.NewHost();
        var lost = first.Run(() => Work.Asks());
        await scene.Parked();
        await first.DisposeAsync();
        await Assert.ThrowsAsync<RunHandedOverException>(() => lost);

        await Answer(scene, Assert.Single(await Questions(scene)), "true");
        await scene.NewServer();

        var done = await scene.Until(run => run.State == FlowRunState.Completed);
        Assert.Equal("\"paid\"", Encoding.UTF8.GetString(done.Result!.Content!));
        Assert.Equal("bob", Assert.Single(await Questions(scene)).AnsweredBy);
    }

    [Fact]
    public async Task An_escalation_that_never_comes_does_no_harm()
    {
        await using var scene = new Scene();
        var run = scene.NewHost().Run(() => Work.EscalatesNever());
        await scene.Parked();

        await Answer(scene, Assert.Single(await Questions(scene)), "true");

        Assert.True(await run);
    }

    private static async Task<IReadOnlyList<QuestionRecord>> Questions(Scene scene) =>
        await (await scene.Store()).GetQuestionsAsync(null, false, 10, Cancellation);

    /// <summary>Answers as another process would: through the store.</summary>
    private static async Task Answer(Scene scene, QuestionRecord question, string json)
    {
        var store = await scene.Store();
        Assert.NotNull(await store.SendAsync(
            new RunMessage
            {
                RunId = question.RunId,
                Kind = MessageKind.Answer,
                Name = $"{question.Sequence}",
                Content = Encoding.UTF8.GetBytes(json),
                Actor = "bob",
                SentAt = scene.Time.GetUtcNow(),
            },
            Cancellation));
    }

    internal static class Work
    {
        [Flow]
        internal static async Task<string> Asks() =>
            await Flow.Ask<bool>("Pay 7?", to: "ada", timeout: TimeSpan.FromHours(8)) ? "paid" : "not paid";

        [Flow]
        internal static async Task<string> Escalates() =>
            await Flow.Ask<bool>("Pay 7?", escalation: new Escalation(TimeSpan.FromHours(2), "boss")) ? "paid" : "not paid";

        [Flow]
        internal static async Task<bool> EscalatesNever() =>
            await Flow.Ask<bool>("Pay 7?", timeout: TimeSpan.MaxValue, escalation: new Escalation(TimeSpan.MaxValue, "boss"));

        [Flow(Timeout = "1h")]
        internal static async Task<bool> Limited() => await Flow.Ask<bool>("Pay 7?");
    }
}
