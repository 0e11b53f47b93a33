using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Interceptors;

/// <summary>A step's method group may be given to <c>Flow.Map</c>, because that call itself is intercepted.</summary>
public sealed class MapTests
{
    public static TheoryData<string, string, string> Bodies => new()
    {
        // declaration of the step, argument of Flow.Map, the call object that is made
        { "[Step] static Task<string> F(int x) => Task.FromResult(\"\");", "F", "static item => new Call0(Site0, item)" },
        { "[Step] static Task<string> F(int x, CancellationToken c) => Task.FromResult(\"\");", "F", "static item => new Call0(Site0, item, default)" },
        { "[Step] static ValueTask<string> F(int x) => new(\"\");", "F", "static item => new Call0(Site0, item)" },
        { "[Step] static ValueTask<string> F(int x, CancellationToken c) => new(\"\");", "F", "static item => new Call0(Site0, item, default)" },
        { "[Step] static string F(int x) => \"\";", "F", "static item => new Call0(Site0, item)" },
        { "[Step] static Task F(int x) => Task.CompletedTask;", "F", "static item => new Call0(Site0, item)" },
        { "[Step] static Task F(int x, CancellationToken c) => Task.CompletedTask;", "F", "static item => new Call0(Site0, item, default)" },
        { "[Step] static void F(int x) { }", "F", "static item => new Call0(Site0, item)" },
        { "[Step] static Task<T> F<T>(T x) => Task.FromResult(x);", "F<int>", "static item => new Call0<int>(Site0, item)" },
        { "[Step] Task<string> F(int x) => Task.FromResult(\"\");", "new Sample().F", "item => new Call0(Site0, self, item)" },
        { "[Step] Task<string> F(int x) => Task.FromResult(\"\");", "body: new Sample().F, maxConcurrency: 3", "item => new Call0(Site0, self, item)" },
        { "[Flow] static Task<string> F(int x) => Task.FromResult(\"\");", "F", "static item => new Call0(Site0, item)" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void A_method_group_becomes_a_call_of_the_step(string declaration, string argument, string expected)
    {
        var program = Generated.From(
            $$"""
            public class Sample
            {
                {{declaration}}
                public static Task Run() => Flow.Map(new[] { 1, 2 }, {{argument}});
            }
            """);

        Assert.Contains(expected, program.Calls, StringComparison.Ordinal);
        Assert.Contains("global::Fletcher.Runtime.Calls.Map<int, ", program.Calls, StringComparison.Ordinal);
    }

    [Fact]
    public void An_extension_method_is_called_on_what_it_is_bound_to()
    {
        var program = Generated.From(
            """
            public static class Sample
            {
                [Step] public static string F(this string s, int x) => s + x;
                public static Task Run() => Flow.Map(new[] { 1, 2 }, "a".F);
            }
            """);

        Assert.Contains("var self = (string)body.Target;", program.Calls, StringComparison.Ordinal);
        Assert.Contains("item => new Call0(Site0, self, item)", program.Calls, StringComparison.Ordinal);
    }

    [Fact]
    public void Outside_a_flow_a_flow_runs_for_each_item()
    {
        var program = Generated.From(
            """
            public class Sample
            {
                [Flow] public static Task<string> F(int x) => Task.FromResult("");
                public static Task Run() => Flow.Map(new[] { 1, 2 }, F);
            }
            """);

        Assert.Contains("item => global::Fletcher.Runtime.Calls.RunTask<string>(new Call0(Site0, item))", program.Calls, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("static string G(int x) => \"\";", "G")]
    [InlineData("[Step] static string F(int x) => \"\";", "x => F(x)")]
    [InlineData("[Step] static string F(int x) => \"\";", "(Func<int, object>)F")]
    [InlineData("[Step] static string F(int x) => \"\";", "(Func<int, string>)null!")]
    [InlineData("[Step] static async IAsyncEnumerable<int> F(int x) { await Task.Yield(); yield return x; }", "F")]
    public void What_is_no_method_group_of_a_step_is_left_alone(string declaration, string argument)
    {
        var program = Generated.From(
            $$"""
            public class Sample
            {
                {{declaration}}
                public static Task Run() => Flow.Map(new[] { 1, 2 }, {{argument}});
            }
            """);

        Assert.DoesNotContain("Calls.Map<", program.AllText, StringComparison.Ordinal);
    }

    [Fact]
    public void In_generic_code_the_items_type_has_no_name_and_the_call_is_left_alone()
    {
        var program = Generated.From(
            """
            public class Sample
            {
                [Step] static Task<T> F<T>(T x) => Task.FromResult(x);
                public static Task Run<T>(T[] items) => Flow.Map(items, F<T>);
            }
            """);

        Assert.DoesNotContain("Calls.Map<", program.AllText, StringComparison.Ordinal);
    }
}
