using Fletcher.Generators.Tests.Driver;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Generators.Tests.Interceptors;

/// <summary>Inside a flow every shape of call goes to the engine, is remembered, and comes back from memory.</summary>
public sealed class InFlowTests
{
    // Without an object nothing is called; without interceptors nothing is seen.
    private static readonly string[] NoSteps = ["null conditional access", "flow and step namesakes of others"];

    public static TheoryData<string, string, string> Shapes
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var (name, declarations, expression, _) in ShapeTests.Shapes.Select(row => row.Data))
            {
                // A struct that changes itself has a test of its own: the engine works on a copy of it.
                if (name != "struct" && !NoSteps.Contains(name))
                    data.Add(name, declarations, expression);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_step_runs_once_and_its_result_is_remembered(string name, string declarations, string expression)
    {
        Assert.NotEmpty(name);
        var program = Generated.From(
            $$"""
            public static class Sample
            {
                static int executions;

                // The first execution fails at its end; the second finds everything in memory.
                [Flow(Retries = 1)]
                public static async Task<int> Body()
                {
                    object value = {{expression}};
                    var result = value is Task<int> task ? await task : (int)value;
                    return ++executions == 1 ? throw new TimeoutException() : result;
                }

                public static Task<int> Run() => Body();
            }
            {{declarations}}
            """);

        var (result, steps) = await RunOnHost(program);

        Assert.Equal(2, result);
        Assert.NotEmpty(steps);
        Assert.All(steps, step => Assert.Equal(1, step.Attempt));
        Assert.All(steps, step => Assert.Null(step.Error));
    }

    [Fact]
    public async Task A_struct_that_a_step_changes_stays_as_it_is()
    {
        var program = Generated.From(
            """
            public struct Counter { public int N; [Step] public int Next() => ++N; }
            public static class Sample
            {
                [Flow] static int Body() { var c = new Counter { N = 5 }; return c.Next() * 10 + c.N; }
                static Task<int> Run() => Task.FromResult(Body());
            }
            """);

        Assert.Equal(65, (await RunOnHost(program)).Result);
    }

    [Theory]
    [InlineData("static async Task<int> F(int x) { await Task.Yield(); return x; }", "F")]
    [InlineData("static async Task<int> F(int x, CancellationToken c) { await Task.Yield(); return c.CanBeCanceled ? x : 0; }", "F")]
    [InlineData("static ValueTask<int> F(int x) => new(x);", "F")]
    [InlineData("static ValueTask<int> F(int x, CancellationToken c) => new(c.CanBeCanceled ? x : 0);", "F")]
    [InlineData("static int F(int x) => x;", "F")]
    [InlineData("static T F<T>(T x) => x;", "F<int>")]
    [InlineData("int F(int x) => x;", "new Sample().F")]
    public async Task A_method_group_in_a_map_is_a_step_for_each_item(string step, string group)
    {
        var program = Generated.From(
            $$"""
            public class Sample
            {
                [Step] {{step}}
                [Flow] static async Task<int> Body() => (await Flow.Map(new[] { 1, 2, 3 }, {{group}})).Sum();
                static Task<int> Run() => Body();
            }
            """);

        var (result, steps) = await RunOnHost(program);

        Assert.Equal(6, result);
        Assert.Equal(3, steps.Count);
        Assert.All(steps, s => Assert.Equal("Sample.F", s.Step.Name));
    }

    [Theory]
    [InlineData("static Task F(int x) { Interlocked.Add(ref n, x); return Task.CompletedTask; }")]
    [InlineData("static Task F(int x, CancellationToken c) { Interlocked.Add(ref n, x); return Task.CompletedTask; }")]
    [InlineData("static void F(int x) => Interlocked.Add(ref n, x);")]
    public async Task So_is_one_that_returns_nothing(string step)
    {
        var program = Generated.From(
            $$"""
            public class Sample
            {
                static int n;
                [Step] {{step}}
                [Flow] static async Task<int> Body() { await Flow.Map(new[] { 1, 2, 3 }, F); return n; }
                static Task<int> Run() => Body();
            }
            """);

        var (result, steps) = await RunOnHost(program);

        Assert.Equal(6, result);
        Assert.Equal(3, steps.Count);
    }

    [Fact]
    public async Task A_bound_extension_method_keeps_what_it_is_bound_to()
    {
        var program = Generated.From(
            """
            public static class Sample
            {
                [Step] static string F(this string s, int x) => s + x;
                [Flow] static async Task<string> Body() => string.Concat(await Flow.Map(new[] { 1, 2 }, "a".F));
                static Task<string> Run() => Body();
            }
            """);

        Assert.Equal("a1a2", (await RunOnHost(program)).Result);
    }

    [Fact]
    public async Task Outside_a_flow_a_map_of_flows_makes_runs()
    {
        var program = Generated.From(
            """
            public static class Sample
            {
                [Flow] static async Task<int> F(int x) { await Task.Yield(); return Flow.IsRunning ? x : 0; }
                static async Task<int> Run() => (await Flow.Map(new[] { 1, 2, 3 }, F)).Sum();
            }
            """);

        Assert.Equal(6, await OnHost(program, _ => { }));
    }

    [Fact]
    public async Task The_token_is_that_of_the_run_and_linked_to_the_callers()
    {
        var program = Generated.From(
            """
            public static class Sample
            {
                [Step] static async Task<int> F(CancellationToken c) { await Task.Delay(Timeout.Infinite, c); return 1; }
                [Flow] static async Task<int> Body()
                {
                    using var source = new CancellationTokenSource();
                    var running = F(source.Token);
                    source.Cancel();
                    try { return await running; } catch (OperationCanceledException) { return 2; }
                }
                static Task<int> Run() => Body();
            }
            """);

        Assert.Equal(2, (await RunOnHost(program)).Result);
    }

    [Fact]
    public async Task Names_come_from_templates()
    {
        var program = Generated.From(
            """
            public static class Sample
            {
                [Step(Name = "invoice {airport}")] static int F(string airport) => 2;
                [Flow(Name = "bill {month:yyyy-MM}")] static int Body(DateOnly month) => F("KSF");
                static Task<int> Run() => Task.FromResult(Body(new DateOnly(2026, 10, 1)));
            }
            """);
        IReadOnlyList<FlowRunRecord> runs = [];

        await OnHost(program, r => runs = r);

        Assert.Equal("bill 2026-10", Assert.Single(runs).Name);
        Assert.Equal("invoice KSF", Assert.Single((await RunOnHost(program)).Steps).Name);
    }

    private static async Task<(object? Result, IReadOnlyList<StepRunRecord> Steps)> RunOnHost(Generated program)
    {
        IReadOnlyList<StepRunRecord> steps = [];
        var result = await OnHost(program, _ => { }, s => steps = s);
        return (result, steps);
    }

    private static async Task<object?> OnHost(
        Generated program, Action<IReadOnlyList<FlowRunRecord>> runs, Action<IReadOnlyList<StepRunRecord>>? steps = null)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var host = new FletcherHost(new FletcherOptions().UseMemory());
        var result = await host.RunAsync(() => program.Run());
        await host.FlushAsync();
        var found = await host.Store.GetFlowRunsAsync(new FlowRunQuery(), cancellation);
        runs(found);
        if (steps is not null)
            steps(await host.Store.GetStepRunsAsync(Assert.Single(found).Id, cancellation).ToListAsync(cancellation));
        return result;
    }
}
