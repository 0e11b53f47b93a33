using Fletcher.Generators.Tests.Driver;
using Fletcher.Generators.Tests.Interceptors;
using Fletcher.Runtime;

namespace Fletcher.Generators.Tests.Registry;

/// <summary>A flow can be called by name, with named arguments.</summary>
public sealed class BindTests
{
    [Fact]
    public async Task A_static_flow_is_called_with_the_arguments_of_its_names()
    {
        var flow = Definitions.Flow("[Flow] static Task<string> F(int a, string b = \"dflt\", CancellationToken c = default) => Task.FromResult(a + b + c.CanBeCanceled);");
        using var cancellation = new CancellationTokenSource();

        var call = flow.Bind!(new Arguments(("a", 7)));

        Assert.Same(flow, call.Definition);
        Assert.Equal([("a", 7), ("b", (object?)"dflt")], call.Inputs());
        Assert.Equal("7dfltTrue", await call.Attempt(cancellation.Token));
        Assert.Equal("7xTrue", await flow.Bind!(new Arguments(("a", 7), ("b", "x"))).Attempt(cancellation.Token));
    }

    [Fact]
    public async Task An_instance_comes_from_the_services()
    {
        var program = Generated.From(
            """
            public class Billing(int n) { [Flow] int F(int a, [NotInput] Clock clock) => n + a + clock.Hour; }
            public record Clock(int Hour);
            """);
        var flow = Assert.Single(program.Registry().Flows);
        var assembly = flow.Bind!.Method.Module.Assembly;
        var services = new[] { ("Billing", (object)10), ("Clock", 5) }.Select(s => Activator.CreateInstance(assembly.GetType(s.Item1)!, s.Item2)!);

        Assert.Equal(16, await flow.Bind!(new Arguments(("a", 1)) { Services = [.. services] }).Attempt(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_record_that_is_the_receiver_is_an_argument()
    {
        var program = Generated.From("public record Billing(int N) { [Flow] public int F() => N; }");
        var flow = Assert.Single(program.Registry().Flows);
        var receiver = Activator.CreateInstance(flow.Bind!.Method.Module.Assembly.GetType("Billing")!, 3);

        var call = flow.Bind!(new Arguments(("this", receiver)));

        Assert.Equal([("this", receiver)], call.Inputs());
        Assert.Equal(3, await call.Attempt(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("[Flow] static void F<T>(T x) { }")]
    [InlineData("[Flow] static void F(Func<int> x) { }")]
    [InlineData("[Flow] static void F(ref int x) { }")]
    public void What_cannot_be_made_from_json_cannot_be_called_by_name(string method) => Assert.Null(Definitions.Flow(method).Bind);

    private sealed class Arguments(params (string Name, object? Value)[] values) : FlowArguments
    {
        internal object[] Services { get; init; } = [];

        public override CancellationToken CancellationToken { get; } = new(canceled: true);

        public override T Get<T>(string name) => (T)values.Single(v => v.Name == name).Value!;

        public override T GetOr<T>(string name, T defaultValue) =>
            values.Any(v => v.Name == name) ? Get<T>(name) : defaultValue;

        public override T Service<T>() => Services.OfType<T>().Single();

        public override T Service<T>(string name) => Service<T>();
    }
}
