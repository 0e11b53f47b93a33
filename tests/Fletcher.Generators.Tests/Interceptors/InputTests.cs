using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Interceptors;

/// <summary>Which arguments count as inputs.</summary>
public sealed class InputTests
{
    [Theory]
    [InlineData("int p")]
    [InlineData("string? p")]
    [InlineData("int? p")]
    [InlineData("List<int> p")]
    [InlineData("IEnumerable<int> p")]
    [InlineData("IReadOnlyDictionary<string, int> p")]
    [InlineData("IShape p")]
    [InlineData("Order p")]
    [InlineData("System.Text.Json.JsonDocument p")]
    [InlineData("object p")]
    [InlineData("(int, string) p")]
    public void Data_is_an_input(string parameter) => Assert.True(IsInput(parameter));

    [Theory]
    [InlineData("CancellationToken p")]
    [InlineData("Microsoft.Extensions.Logging.ILogger p")]
    [InlineData("Microsoft.Extensions.Logging.ILogger<Order> p")]
    [InlineData("IServiceProvider p")]
    [InlineData("IProgress<int> p")]
    [InlineData("Func<int> p")]
    [InlineData("[NotInput] int p")]
    [InlineData("IGateway p")]
    [InlineData("System.IO.Stream p")]
    [InlineData("System.Net.Http.HttpClient p")]
    [InlineData("AsyncConnection p")]
    [InlineData("TimeProvider p")]
    [InlineData("[System.Runtime.CompilerServices.CallerLineNumber] int p = 0")]
    [InlineData("[System.Runtime.CompilerServices.CallerFilePath] string p = \"\"")]
    public void Services_and_the_like_are_no_inputs(string parameter) => Assert.False(IsInput(parameter));

    [Theory]
    [InlineData("record S", true)]
    [InlineData("struct S", true)]
    [InlineData("record struct S", true)]
    [InlineData("class S", false)]
    [InlineData("interface S", false)]
    public void A_receiver_is_an_input_when_it_is_data(string type, bool expected)
    {
        var program = Generated.From($"public {type} {{ [Step] public void F() {{ }} }} public static class T {{ static void G(S s) => s.F(); }}");

        Assert.Equal(expected, program.Calls.Contains("inputs.Add<global::S>(\"this\", self)", StringComparison.Ordinal));
    }

    [Fact]
    public void Inputs_are_written_in_the_order_of_the_parameters()
    {
        var program = Generated.From(
            "public record S(int N) { [Step] public void F(string b, CancellationToken c, int a) { } void G() => F(\"x\", default, 1); }");

        var receiver = Activator.CreateInstance(program.Load().GetType("S")!, 7);
        var call = Probe.Of(program, [Clone(program, receiver!), "x", CancellationToken.None, 1]);

        Assert.Equal(["this", "b", "a"], call.Inputs().Select(i => i.Name));
        Assert.Equal(["x", 1], call.Inputs().Skip(1).Select(i => i.Value));
    }

    // Each Load is an assembly of its own; null stands in for the receiver, which this test only counts.
    private static object? Clone(Generated program, object receiver) => program is null ? receiver : null;

    private static bool IsInput(string parameter)
    {
        var program = Generated.From(
            $$"""
            [System.Text.Json.Serialization.JsonPolymorphic]
            public interface IShape;
            public interface IGateway;
            public record Order(int Id);
            public abstract class AsyncConnection : IAsyncDisposable { public abstract ValueTask DisposeAsync(); }
            public static class Sample
            {
                [Step] public static void F({{parameter}}) { }
                static void G() => F({{(parameter.Contains('=', StringComparison.Ordinal) ? "" : "default!")}});
            }
            """);
        return program.Calls.Contains("inputs.Add<", StringComparison.Ordinal);
    }
}
