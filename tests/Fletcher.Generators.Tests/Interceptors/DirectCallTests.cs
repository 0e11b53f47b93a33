using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Interceptors;

/// <summary>Outside a flow an intercepted call does what the bare call would have done.</summary>
public sealed class DirectCallTests
{
    [Theory]
    [InlineData("public static int Add(int a, int b) => a + b;", "Add(1, 2)", 3)]
    [InlineData("static int Add(int a, int b) => a + b;", "Add(1, 2)", 3)]
    public async Task A_call_returns_what_the_method_returns(string method, string call, object expected)
    {
        var program = Generated.From(
            $$"""
            static class Sample
            {
                [Step] {{method}}
                public static object Run() => {{call}};
            }
            """);

        Assert.Contains("InterceptsLocation(1,", program.Calls, StringComparison.Ordinal);
        Assert.Equal(expected, await program.Run());
    }
}
