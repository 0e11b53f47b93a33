namespace Fletcher.Testing.Tests;

/// <summary>The check that a flow survives a crash at every point: it passes what does, and names the point for what does not.</summary>
public sealed class SurvivalTests
{
    [Theory]
    [InlineData("sequence")]
    [InlineData("fan-out")]
    [InlineData("sub-flows")]
    [InlineData("blocking")]
    [InlineData("at most once")]
    [InlineData("backoff")]
    [InlineData("once")]
    [InlineData("undo")]
    [InlineData("undo at most once")]
    public async Task A_flow_whose_steps_may_be_repeated_survives(string shape)
    {
        var orders = new Orders();

        var result = await FlowTest.SurvivesCrashAtEveryPoint(() => Call(orders, shape), Options(orders)).WithinLimit();

        Assert.True(result.IsComplete);
        Assert.True(result.Steps > 0 && result.Commits > 1);

        // Work in parallel may commit in fewer batches the next time, so that the last points are not reached.
        Assert.InRange(result.Crashes, result.Steps + result.Commits, (2 * result.Commits) + result.Steps + 40);
    }

    [Fact]
    public async Task Each_point_of_a_sequence_is_tried()
    {
        var orders = new Orders();

        var result = await FlowTest.SurvivesCrashAtEveryPoint(() => orders.Sequence(4), Options(orders)).WithinLimit();

        Assert.Equal(4, result.Steps);
        Assert.InRange(result.Crashes, (2 * 5) + 4, 100); // the commits of the beginning and of each step, at least
        Assert.Equal($"{result.Crashes} crashes: before and after {result.Commits} commits, and inside 4 steps", result.ToString());
    }

    [Fact]
    public async Task It_holds_on_sqlite_too()
    {
        var orders = new Orders();
        var options = Options(orders) with { Host = o => o.UseSqlite() };

        Assert.True((await FlowTest.SurvivesCrashAtEveryPoint(() => orders.Charges(), options).WithinLimit()).IsComplete);
    }

    [Fact]
    public async Task Without_effects_the_results_of_the_steps_are_compared()
    {
        var calls = 0;
        var counter = new Counter(() => ++calls);

        var error = await Assert.ThrowsAsync<FlowAssertException>(() => FlowTest.SurvivesCrashAtEveryPoint(() => counter.Counts()));

        Assert.Contains("The step results differ.", error.Message, StringComparison.Ordinal);
        Assert.Contains("+ SurvivalTests.Counter.Next: 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_effect_that_comes_twice_is_found_and_its_point_is_named()
    {
        var orders = new Orders();

        var error = await Assert.ThrowsAsync<FlowAssertException>(
            () => FlowTest.SurvivesCrashAtEveryPoint(() => orders.Careless(), Options(orders)).WithinLimit());

        Assert.Contains("'Orders.Append'", error.Message.Split('\n')[0], StringComparison.Ordinal);
        Assert.Contains("The effects differ. Added:\n  + \"sent\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("  2  Orders.Append  Completed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_at_most_once_step_that_begins_twice_is_found_without_effects()
    {
        var orders = new Orders();

        var error = await Assert.ThrowsAsync<FlowAssertException>(
            () => FlowTest.SurvivesCrashAtEveryPoint(() => orders.Forgetful(), new() { Arrange = orders.Effects.Clear, Effects = () => null }).WithinLimit());

        Assert.Contains("The at-most-once step 'Orders.Charge' began twice.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_left_in_doubt_ends_the_run_and_is_no_difference()
    {
        var orders = new Orders();
        var options = Options(orders) with { UnknownSteps = UnknownSteps.Left };

        var result = await FlowTest.SurvivesCrashAtEveryPoint(() => orders.Charges(), options).WithinLimit();

        Assert.True(result.Crashes > 0);
    }

    [Fact]
    public async Task A_flow_that_handles_the_doubt_is_checked_both_ways()
    {
        var mailer = new Mailer();
        var options = new CrashCheckOptions { Arrange = mailer.Mails.Clear, Effects = () => mailer.Mails.Sorted };

        await FlowTest.SurvivesCrashAtEveryPoint(() => mailer.SendAll(), options).WithinLimit();
        await FlowTest.SurvivesCrashAtEveryPoint(() => mailer.SendAll(), options with { UnknownSteps = UnknownSteps.Left }).WithinLimit();
    }

    [Fact]
    public async Task More_points_than_wanted_are_tried_evenly_spread()
    {
        var orders = new Orders();

        var result = await FlowTest.SurvivesCrashAtEveryPoint(() => orders.Sequence(20), Options(orders) with { MaxPoints = 10 }).WithinLimit();

        Assert.False(result.IsComplete);
        Assert.Equal(10, result.Crashes);
        Assert.EndsWith("not at every point", result.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(12, 3, 27)]
    [InlineData(12, 3, 5)]
    [InlineData(100, 50, 1)]
    public void So_many_points_are_chosen(int commits, int steps, int most)
    {
        var points = new CrashPoints(commits, steps, most);

        var chosen = points.All(() => false).ToList();

        Assert.Equal(Math.Min(most, (2 * commits) + steps), chosen.Count(point => point.At <= (point.Kind == CrashKind.InsideStep ? steps : commits)));
        Assert.Equal(chosen.Distinct(), chosen);
        Assert.Equal((2 * commits) + steps <= most, points.IsComplete);
    }

    [Fact]
    public void After_the_known_points_it_goes_on_while_they_are_reached()
    {
        var reached = 0;
        var points = new CrashPoints(2, 1, 1000);

        var tried = points.All(() => reached++ < 2).ToList();

        Assert.Equal([1, 2, 3, 4, 5], tried.Where(point => point.Kind == CrashKind.BeforeCommit).Select(point => point.At));
        Assert.Equal([1, 2, 3], tried.Where(point => point.Kind == CrashKind.AfterCommit).Select(point => point.At));
    }

    [Fact]
    public async Task A_flow_that_fails_undisturbed_is_not_checked()
    {
        var orders = new Orders { Failures = 100 };

        var error = await Assert.ThrowsAsync<FlowAssertException>(() => FlowTest.SurvivesCrashAtEveryPoint(() => orders.Patient()));

        Assert.Contains("Expected the flow to complete, but it threw HttpRequestException", error.Message, StringComparison.Ordinal);
        Assert.IsType<HttpRequestException>(error.InnerException);
    }

    [Fact]
    public async Task Code_that_calls_two_flows_is_not_checked()
    {
        var orders = new Orders();

        var error = await Assert.ThrowsAsync<FlowAssertException>(() => FlowTest.SurvivesCrashAtEveryPoint(async () =>
        {
            await orders.Sequence(1);
            await orders.Sequence(2);
        }));

        Assert.Contains("calls 2 flows", error.Message, StringComparison.Ordinal);
    }

    private static CrashCheckOptions Options(Orders orders) => new()
    {
        Arrange = () =>
        {
            orders.Effects.Clear();
            orders.Failures = 2;
        },
        Effects = () => orders.Effects.Sorted,
    };

    private static Task<object> Call(Orders orders, string shape) => shape switch
    {
        "sequence" => Boxed(orders.Sequence(5)),
        "fan-out" => Boxed(orders.Fan(8)),
        "sub-flows" => Boxed(orders.Parent()),
        "blocking" => Boxed(Task.FromResult(orders.Blocking(1))),
        "at most once" => Boxed(orders.Charges()),
        "backoff" => Boxed(orders.Patient()),
        "undo" => Boxed(orders.Undoes()),
        "undo at most once" => Boxed(orders.UndoesOnce()),
        _ => Boxed(orders.OnlyOnce("a")),
    };

    private static async Task<object> Boxed<T>(Task<T> flow) => (await flow)!;

    internal sealed class Counter(Func<int> next)
    {
        [Flow]
        internal async Task Counts() => await Next();

        [Step]
        internal async Task<int> Next()
        {
            await Task.Yield();
            return next();
        }
    }

    internal sealed class Mailer
    {
        internal Journal Mails { get; } = new();

        [Flow]
        internal async Task<string> SendAll()
        {
            var sent = await Flow.Map(["a", "b", "c"], Send, maxConcurrency: 2, failure: MapFailure.Collect);
            return $"{sent.Outcomes.Count(outcome => outcome.IsSuccess)} sent, {sent.Failures.Count()} in doubt";
        }

        [Step(Delivery = Delivery.AtMostOnce)]
        internal async Task Send(string to)
        {
            await Task.Yield();
            Mails.Say(to);
        }
    }
}
