using Fletcher.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fletcher.Engine.Tests;

/// <summary>By what a step run is recognised when its flow is executed again.</summary>
public sealed class IdentityTests
{
    [Fact]
    public async Task Equal_calls_in_a_loop_are_told_apart_by_their_occurrence()
    {
        var steps = await ReuseAll(() => Work.Loop());

        Assert.Equal([0, 1, 2], steps.Select(s => s.Key.Occurrence));
        Assert.Single(steps.Select(s => s.Key.Hash).Distinct());
    }

    [Fact]
    public async Task Tokens_loggers_and_what_is_marked_so_are_no_inputs()
    {
        var steps = await ReuseAll(() => Work.NoInputs());

        Assert.All(steps, s => Assert.Equal("{\"n\":1}", System.Text.Encoding.UTF8.GetString(s.Inputs!)));
        Assert.Single(steps.Select(s => s.Key.Hash).Distinct());
    }

    [Fact]
    public async Task A_record_that_has_the_step_is_an_input_of_it()
    {
        var steps = await ReuseAll(() => Work.Receivers());

        Assert.Equal(2, steps.Select(s => s.Key.Hash).Distinct().Count());
        Assert.Equal("{\"this\":{\"City\":\"Oslo\"},\"n\":1}", System.Text.Encoding.UTF8.GetString(steps[0].Inputs!));
    }

    [Fact]
    public async Task A_key_stands_for_all_inputs()
    {
        var steps = await ReuseAll(() => Work.Keys());

        Assert.Equal([0, 1, 0], steps.Select(s => s.Key.Occurrence));
    }

    [Fact]
    public async Task Overloads_are_steps_of_their_own()
    {
        var steps = await ReuseAll(() => Work.Overloads());

        Assert.Equal(2, steps.Select(s => s.Key.Hash).Distinct().Count());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5000)]
    public async Task A_result_as_an_argument_counts_by_its_content_and_draws_the_arrow(int size)
    {
        var steps = await ReuseAll(() => Work.PassesOn(size));

        Assert.Equal("{\"items\":{\"$step\":1}}", System.Text.Encoding.UTF8.GetString(steps[1].Inputs!));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5000)]
    public async Task A_result_whose_count_was_changed_in_between_counts_by_what_it_is_now(int size)
    {
        var steps = await ReuseAll(() => Work.AddsInBetween(size));

        Assert.DoesNotContain("$step", System.Text.Encoding.UTF8.GetString(steps[1].Inputs!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_small_result_that_was_changed_in_place_counts_by_what_it_is_now()
    {
        var steps = await ReuseAll(() => Work.ChangesInPlace());

        Assert.Equal("{\"items\":[99,1,2]}", System.Text.Encoding.UTF8.GetString(steps[1].Inputs!));
    }

    [Fact]
    public async Task A_long_text_that_would_be_cut_inside_a_character_is_an_input_like_any_other()
    {
        var steps = await ReuseAll(() => Work.LongText());

        Assert.Contains("$hash", System.Text.Encoding.UTF8.GetString(steps[0].Inputs!), StringComparison.Ordinal);
        _ = System.Text.Json.JsonDocument.Parse(steps[0].Inputs);
    }

    [Fact]
    public async Task Lambdas_are_recognised_by_name_key_and_order_in_all_their_shapes()
    {
        var steps = await ReuseAll(() => Work.Lambdas());

        Assert.Equal(["async", "token", "void", "void token", "sync", "action", "keyed", "keyed"], steps.Select(s => s.Step.Name));
    }

    [Fact]
    public async Task Remembered_values_are_the_same_in_every_execution_also_in_a_fan_out()
    {
        await ReuseAll(() => Work.Remembers());

        Assert.Equal(2, Work.Remembered.Count);
        Assert.Equal(Work.Remembered[0], Work.Remembered[1]);
        Assert.Equal(Work.Remembered[0].Length, Work.Remembered[0].Distinct().Count());
    }

    /// <summary>Lets a flow fail at its end and resumes it: everything must be recognised.</summary>
    private static async Task<List<StepRunRecord>> ReuseAll(Func<Task> flow)
    {
        var store = new SurvivingStore();
        Work.Remembered.Clear();
        Work.Ran = 0;
        Work.Fails = true;
        await using (var first = new TestHost(store))
            await Assert.ThrowsAsync<IOException>(() => first.Run(flow));
        var ran = Work.Ran;
        Work.Fails = false;
        await using var host = new TestHost(store.Reopen());
        await host.Run(flow);
        Assert.Equal(ran, Work.Ran);
        var steps = await host.Steps();
        Assert.All(steps, s => Assert.Equal((StepRunState.Completed, false), (s.State, s.Superseded)));
        return [.. steps.Where(s => !s.Step.Name.StartsWith("Flow.", StringComparison.Ordinal))];
    }

    internal static class Work
    {
        private static int _ran;

        internal static int Ran { get => _ran; set => _ran = value; }

        internal static bool Fails { get; set; }

        internal static List<string[]> Remembered { get; } = [];

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task Loop()
        {
            for (var i = 0; i < 3; i++)
                await Value(7);
            End();
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task NoInputs()
        {
            using var own = new CancellationTokenSource();
            await Marked(1, new object(), NullLogger.Instance, own.Token);
            await Marked(1, "other", NullLoggerFactory.Instance.CreateLogger("x"), default);
            End();
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task Receivers()
        {
            await new Shop("Oslo").Sell(1);
            await new Shop("Bergen").Sell(1);
            End();
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task Keys()
        {
            await Keyed("a", 1);
            await Keyed("a", 2);
            await Keyed("b", 1);
            End();
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task Overloads()
        {
            await Over(1);
            await Over("1");
            End();
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task PassesOn(int size)
        {
            await Takes(await Makes(size));
            End();
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task AddsInBetween(int size)
        {
            var items = await Makes(size);
            items.Add(99);
            await Takes(items);
            End();
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task ChangesInPlace()
        {
            var items = await Makes(3);
            items[0] = 99;
            await Takes(items);
            End();
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task LongText()
        {
            await Text(new string('a', 199) + "😀" + new string('b', 5000));
            End();
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task Lambdas()
        {
            var options = new StepOptions { Retries = 1 };
            var sum = await Step.Run("async", () => Value2(1));
            sum += await Step.Run("token", _ => Value2(2));
            await Step.Run("void", () => (Task)Value2(3));
            await Step.Run("void token", _ => (Task)Value2(4));
            sum += Step.Run("sync", () => Count(), options: options);
            Step.Run("action", () => { Count(); });
            sum += await Step.Run("keyed", () => Value2(5), key: new { Id = 1 });
            sum += await Step.Run("keyed", () => Value2(6), key: new { Id = 2 });
            if (!Fails && sum != 1 + 2 + 1000 + 5 + 6)
                throw new InvalidOperationException($"the sum is {sum}");
            End();
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task Remembers()
        {
            List<string> values = [$"{Flow.Now:O}", $"{Flow.NewGuid()}", $"{Flow.NewGuid()}", $"{Flow.Random.Next()}"];
            var inside = await Flow.Map(Enumerable.Range(0, 20), async i =>
            {
                await Task.Yield();
                return $"{Flow.NewGuid()} {Flow.Random.Next()}";
            }, 4);
            Remembered.Add([.. values, .. inside]);
            await Value(1);
            End();
        }

        [Step]
        internal static Task<int> Value(int n) => Value2(n);

        [Step]
        internal static async Task Marked(int n, [NotInput] object other, ILogger logger, CancellationToken ct) => await Value2(n);

        [Step(Key = "{name}")]
        internal static async Task<int> Keyed(string name, int n) => await Value2(n);

        [Step]
        internal static async Task Over(int n) => await Value2(n);

        [Step]
        internal static async Task Over(string n) => await Value2(n.Length);

        [Step]
        internal static async Task<List<int>> Makes(int size)
        {
            await Value2(0);
            return [.. Enumerable.Range(0, size)];
        }

        [Step]
        internal static async Task<int> Takes(List<int> items) => await Value2(items.Count);

        [Step]
        internal static async Task Text(string text) => await Value2(text.Length);

        private static int Count()
        {
            Interlocked.Increment(ref _ran);
            return 1000;
        }

        private static async Task<int> Value2(int n)
        {
            await Task.Yield();
            Interlocked.Increment(ref _ran);
            return n;
        }

        private static void End()
        {
            if (Fails)
                throw new IOException();
        }

        internal sealed record Shop(string City)
        {
            [Step]
            internal async Task Sell(int n) => await Value2(n);
        }
    }
}
