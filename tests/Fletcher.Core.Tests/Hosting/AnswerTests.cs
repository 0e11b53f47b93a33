using Fletcher.Engine.Tests;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting.Tests;

/// <summary>People answer what runs ask.</summary>
public sealed class AnswerTests
{
    public static TheoryData<bool> Stores => [false, true];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task An_answer_that_fits_ends_the_wait_and_says_who_gave_it(bool sqlite)
    {
        await using var world = new World(sqlite);
        await using var host = world.Start();
        var running = host.Host.RunAsync(() => Work.Approval("may"));
        var question = await world.QuestionAsync().WithinLimit("the question");
        var client = await world.ClientAsync("grace");

        Assert.True(await client.AnswerAsync(question.Id, new Work.Decision(true, "fine"), Cancellation));

        Assert.Equal("True fine", await running.WithinLimit("the flow"));
        var closed = Assert.Single(await (await world.OpenAsync()).GetQuestionsAsync(question.RunId, false, 10, Cancellation));
        Assert.Equal("grace", closed.AnsweredBy);
        Assert.NotNull(closed.ClosedAt);
        Assert.Equal("""{"Approved":true,"Why":"fine"}""", System.Text.Encoding.UTF8.GetString(closed.Answer!));
        Assert.False(await client.AnswerJsonAsync(question.Id, """ { "Approved": true, "Why": "fine" } """, Cancellation)); // the same, by the same
        Assert.Contains("answered by grace at", (await Refused("FLT1514", () => client.AnswerAsync(question.Id, new Work.Decision(false, "fine"), Cancellation))).Message, StringComparison.Ordinal);
        await Refused("FLT1514", () => client.As("ada").AnswerAsync(question.Id, new Work.Decision(true, "fine"), Cancellation));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task An_answer_that_does_not_fit_is_refused_with_the_place_and_the_question_stays(bool sqlite)
    {
        await using var world = new World(sqlite);
        await using var host = world.Start();
        var running = host.Host.RunAsync(() => Work.Approval("may"));
        var question = await world.QuestionAsync().WithinLimit("the question");
        var client = await world.ClientAsync();

        var error = await Refused("FLT1515", () => client.AnswerJsonAsync(question.Id, """{"Approved":"yes"}""", Cancellation));
        Assert.Contains("'Approved' must be boolean and is \"yes\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("'Why' is missing", error.Message, StringComparison.Ordinal);
        await Refused("FLT1515", () => client.AnswerAsync(question.Id, 5, Cancellation));
        await Refused("FLT1508", () => client.AnswerJsonAsync(question.Id, "yes", Cancellation));
        Assert.Equal(0, await (await world.OpenAsync()).GetLastMessageAsync(Cancellation));

        await client.AnswerJsonAsync(question.Id, """{"Approved":false,"Why":null}""", Cancellation);
        Assert.Equal("False ", await running.WithinLimit("the flow"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Of_several_who_answer_at_once_one_counts(bool sqlite)
    {
        await using var world = new World(sqlite);
        RunId run;
        await using (var host = world.Start(o => o.ParkAfter = TimeSpan.Zero))
        {
            var parking = host.Host.RunAsync(() => Work.Approval("may"));
            run = (await world.QuestionAsync().WithinLimit("the question")).RunId;
            await world.UntilAsync(run, found => found.HostId is null).WithinLimit("the run is parked");
            await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<RunHandedOverException>(() => parking);
        }

        var question = await world.QuestionAsync();
        var clients = new List<FletcherClient>();
        for (var i = 0; i < 6; i++)
            clients.Add(await world.ClientAsync($"person {i}"));
        var given = await Task.WhenAll(clients.Select(client => Task.Run(async () =>
        {
            try
            {
                return await client.AnswerAsync(question.Id, new Work.Decision(true, client.Actor), Cancellation) ? client.Actor : "known";
            }
            catch (FletcherUsageException e) when (e.Id == "FLT1514")
            {
                return null;
            }
        }))).WithinLimit("six people");

        var counted = Assert.Single(given, actor => actor is not null);
        Assert.Equal($"True {counted}", await world.RunAsync(() => Work.Approval("may")));
    }

    [Fact]
    public async Task An_answer_that_the_code_could_not_read_makes_room_for_another()
    {
        await using var world = new World(false);
        await using var host = world.Start();
        var running = host.Host.RunAsync(() => Work.Date());
        var question = await world.QuestionAsync().WithinLimit("the question");
        var client = await world.ClientAsync();
        var store = await world.OpenAsync();

        // It fits the schema that an older version of the program kept with the question, and not the type.
        var batch = new WriteBatch();
        batch.Questions.Add(question with { Schema = "true" });
        await store.WriteAsync(batch, Cancellation);
        Assert.True(await client.AnswerAsync(question.Id, "tomorrow", Cancellation));
        await Refusal(store, question).WithinLimit("the refusal");

        Assert.True(await client.AnswerAsync(question.Id, "2026-10-01", Cancellation));
        Assert.Equal(new DateOnly(2026, 10, 1), await running.WithinLimit("the flow"));
    }

    [Fact]
    public async Task A_question_that_is_not_there_or_whose_run_has_ended_wants_no_answer()
    {
        await using var world = new World(false);
        await using var host = world.Start();
        var running = host.Host.RunAsync(() => Work.Approval("may"));
        var question = await world.QuestionAsync().WithinLimit("the question");
        var client = await world.ClientAsync();

        await Refused("FLT1513", () => client.AnswerAsync(new QuestionId(question.RunId, 77), true, Cancellation));
        await client.CancelAsync(question.RunId, cancellationToken: Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running).WithinLimit("the end");

        var error = await Refused("FLT1514", () => client.AnswerAsync(question.Id, new Work.Decision(true, ""), Cancellation));
        Assert.Contains("withdrawn", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_question_of_a_run_that_was_abandoned_is_asked_again_when_the_run_goes_on(bool sqlite)
    {
        await using var world = new World(sqlite);
        var client = await world.ClientAsync();
        QuestionRecord question;
        await using (var host = world.Start(o => o.ParkAfter = TimeSpan.Zero))
        {
            var parking = host.Host.RunAsync(() => Work.Approval("may"));
            question = await world.QuestionAsync().WithinLimit("the question");
            await world.UntilAsync(question.RunId, found => found.HostId is null).WithinLimit("the run is parked");
            await client.AbandonAsync(question.RunId, cancellationToken: Cancellation);
            await Assert.ThrowsAsync<RunCancelledException>(() => parking).WithinLimit("the call");
        }

        Assert.Empty(await client.GetQuestionsAsync(cancellationToken: Cancellation));
        await client.RerunAsync(question.RunId, question.Sequence, cancellationToken: Cancellation);
        await using var again = world.Start();
        var running = again.Host.RunAsync(() => Work.Approval("may"));
        var second = await world.QuestionAsync().WithinLimit("the question");
        await client.AnswerAsync(second.Id, new Work.Decision(true, "late"), Cancellation);

        Assert.Equal("True late", await running.WithinLimit("the flow"));
        Assert.Equal(question.RunId, second.RunId);
    }

    [Fact]
    public void A_question_has_an_id_that_can_be_written_and_read()
    {
        var id = new QuestionId(RunId.New(TimeProvider.System), 12);

        Assert.Equal(id, QuestionId.Parse(id.ToString(), null));
        foreach (var bad in new[] { "", "12", $"{id.RunId}", $"{id.RunId}/", $"{id.RunId}/x", $"{id.RunId}/-1", "x/12" })
            Assert.False(QuestionId.TryParse(bad, null, out _), bad);
        Assert.Throws<FormatException>(() => QuestionId.Parse("nothing", null));
    }

    private static async Task Refusal(IRunStore store, QuestionRecord question)
    {
        while ((await store.GetUntakenAsync(question.RunId, Cancellation)).Count > 0)
            await Task.Yield();
    }

    private static async Task<FletcherUsageException> Refused(string id, Func<Task> action)
    {
        var error = await Assert.ThrowsAsync<FletcherUsageException>(action);
        Assert.Equal(id, error.Id);
        return error;
    }

    internal static class Work
    {
        [Flow]
        internal static async Task<string> Approval(string month)
        {
            var decision = await Flow.Ask<Decision>($"Send the invoices of {month}?");
            return $"{decision.Approved} {decision.Why}";
        }

        [Flow]
        internal static Task<DateOnly> Date() => Flow.Ask<DateOnly>("When?");

        internal sealed record Decision(bool Approved, string? Why);
    }
}
