using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>The flow changes between two executions of a run: its inputs, its steps, their order.</summary>
public sealed class DriftTests
{
    [Fact]
    public async Task A_step_whose_inputs_changed_runs_again_and_the_ledger_says_what_changed()
    {
        var store = await Failed(() => Work.Reruns());
        Work.Input = "new";

        await using var host = new TestHost(store.Reopen());
        Assert.Equal("done new", await host.Run(() => Work.Reruns()));

        Assert.Contains(await host.Ledger(), e => e.Reason == "its inputs changed since step run 1: text from \"old\" to \"new\"");
        Assert.Equal([(1, true), (2, true), (3, false), (4, false)], (await host.Steps()).Select(s => (s.Sequence, s.Superseded)));
    }

    [Fact]
    public async Task A_step_that_says_so_gives_its_earlier_result_for_other_inputs()
    {
        var store = await Failed(() => Work.Reuses());
        Work.Input = "new";

        await using var host = new TestHost(store.Reopen());
        Assert.Equal("done old", await host.Run(() => Work.Reuses()));
    }

    [Fact]
    public async Task A_step_that_runs_at_most_once_stops_at_other_inputs_every_time()
    {
        var store = await Failed(() => Work.Charges());
        Work.Input = "new";

        for (var again = 0; again < 3; again++)
        {
            await using var host = new TestHost(store.Reopen());
            var error = await Assert.ThrowsAsync<StepDriftException>(() => host.Run(() => Work.Charges()));
            Assert.Contains("text from \"old\" to \"new\"", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["once old"], Work.Script.Lines);
        Work.Input = "old";
        await using var last = new TestHost(store.Reopen());
        Assert.Equal("done old", await last.Run(() => Work.Charges()));
        Assert.Equal(["once old"], Work.Script.Lines);
    }

    [Theory]
    [InlineData("added", "a x b c", "x")]
    [InlineData("removed", "a c", "")]
    [InlineData("reordered", "c a b", "")]
    [InlineData("renamed", "a renamed c", "renamed")]
    public async Task A_changed_flow_runs_only_what_it_has_not_run_before(string change, string steps, string ran)
    {
        Work.Plan = "a b c";
        var store = await Failed(() => Work.Planned());
        Work.Plan = steps;

        await using var host = new TestHost(store.Reopen());
        Assert.Equal(steps, await host.Run(() => Work.Planned()));

        Assert.Equal(ran, string.Join(' ', Work.Script.Lines.Skip(3)));
        var superseded = (await host.Steps()).Where(s => s.Superseded).Select(s => System.Text.Encoding.UTF8.GetString(s.Inputs!));
        Assert.Equal(change is "removed" or "renamed" ? ["{\"name\":\"b\"}"] : [], superseded);
    }

    [Fact]
    public async Task Parallel_steps_are_recognised_in_any_order()
    {
        Work.Plan = "a b c d e f";
        var store = await Failed(() => Work.Parallel());
        Work.Plan = "f d b e a c";

        await using var host = new TestHost(store.Reopen());
        Assert.Equal("a b c d e f", await host.Run(() => Work.Parallel()));

        Assert.Equal(6, Work.Script.Lines.Count);
        Assert.All(await host.Steps(), s => Assert.False(s.Superseded));
    }

    [Fact]
    public async Task What_runs_at_most_once_inside_a_step_is_not_taken_for_what_is_inside_another_one()
    {
        Work.Plan = "a b";
        var store = await Failed(() => Work.ParallelCharges());
        Work.Plan = "c b a";

        await using var host = new TestHost(store.Reopen());
        Assert.Equal("a b c", await host.Run(() => Work.ParallelCharges()));

        Assert.Equal(["once a", "once b", "once c"], Work.Script.Lines.Order());
    }

    [Fact]
    public async Task What_runs_at_most_once_inside_a_step_stops_at_other_inputs()
    {
        Work.Plan = "old older";
        var store = await Failed(() => Work.ChargesInside());
        Work.Plan = "new newer";

        await using var host = new TestHost(store.Reopen());
        await Assert.ThrowsAsync<StepDriftException>(() => host.Run(() => Work.ChargesInside()).WithinLimit("the stop"));

        Assert.Equal(["once old", "once older"], Work.Script.Lines.Order());
    }

    [Fact]
    public async Task A_long_wait_inside_another_step_does_not_keep_a_step_from_being_stopped()
    {
        var store = await Failed(() => Work.ChargesBesideWait());
        Work.Input = "new";
        Work.Fails = true;

        await using var host = new TestHost(store.Reopen());
        await Assert.ThrowsAsync<StepDriftException>(() => host.Run(() => Work.ChargesBesideWait()).WithinLimit("the stop"));
    }

    private static async Task<SurvivingStore> Failed(Func<Task> flow)
    {
        Work.Script.Clear();
        Work.Input = "old";
        Work.Fails = true;
        var store = new SurvivingStore();
        await using var host = new TestHost(store);
        await Assert.ThrowsAsync<IOException>(() => host.Run(flow));
        Work.Fails = false;
        return store;
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static string Input { get; set; } = "old";

        internal static string Plan { get; set; } = "";

        internal static bool Fails { get; set; }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task<string> Reruns() => await End(await Plain(Input));

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task<string> Reuses() => await End(await Reused(Input));

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task<string> Charges() => await End(await Once(Input));

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task<string> Planned()
        {
            var done = new List<string>();
            foreach (var name in Plan.Split(' '))
                done.Add(await Named(name));
            return Fails ? throw new IOException() : string.Join(' ', done);
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task<string> Parallel()
        {
            var done = await Task.WhenAll(Plan.Split(' ').Select(name => Named(name)));
            return Fails ? throw new IOException() : string.Join(' ', done.Order());
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task<string> ParallelCharges()
        {
            var done = await Task.WhenAll(Plan.Split(' ').Select(name => Around(name)));
            return Fails ? throw new IOException() : string.Join(' ', done.Order());
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task<string> ChargesInside() => await End(await Around(Plan));

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task<string> ChargesBesideWait()
        {
            var waiting = Fails && Input == "new" ? WaitInside() : Task.CompletedTask;
            try
            {
                var done = await Around(Input);
                return Fails ? throw new IOException() : done;
            }
            catch (StepDriftException)
            {
                // The flow ends behind the step that waits.
                await Flow.Client.SignalAsync(Flow.Current.RunId, "go", "");
                await waiting;
                throw;
            }
        }

        [Step]
        internal static async Task<string> Around(string names) => string.Join(' ', await Task.WhenAll(names.Split(' ').Select(name => Once(name))));

        [Step]
        internal static async Task WaitInside() => await Flow.WaitFor<string>("go");

        [Step]
        internal static async Task<string> Plain(string text) => await Said("plain", text);

        [Step(OnDrift = OnDrift.Reuse)]
        internal static async Task<string> Reused(string text) => await Said("reused", text);

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static async Task<string> Once(string text) => await Said("once", text);

        [Step]
        internal static async Task<string> Named(string name)
        {
            await Task.Yield();
            Script.Say(name);
            return name;
        }

        [Step]
        internal static async Task<string> End(string text)
        {
            await Task.Yield();
            return Fails ? throw new IOException() : $"done {text}";
        }

        private static async Task<string> Said(string what, string text)
        {
            await Task.Yield();
            Script.Say($"{what} {text}");
            return text;
        }
    }
}
