using Fletcher.Generators.Tests.Driver;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Tests.Analyzers;

public sealed class LocalFunctionTests
{
    [Fact]
    public async Task A_local_function_becomes_a_method_of_its_class() => await Verify.Fixed(
        "FLT0002",
        """
        class S
        {
            int G()
            {
                return F(1);

                [Step]
                int [|F|](int x) => x;
            }
        }
        """,
        """
        class S
        {
            int G()
            {
                return F(1);
            }

            [Step]
            private int F(int x) => x;
        }
        """);

    [Fact]
    public async Task A_function_of_a_program_becomes_a_method_of_a_new_class() => await Verify.Fixed(
        "FLT0002",
        """
        Console.WriteLine(await F(1) + await F(2));

        [Step]
        static async Task<int> [|F|](int x) => x < 0 ? await F(x + 1) : x;
        """,
        """
        Console.WriteLine(await Steps.F(1) + await Steps.F(2));

        static class Steps
        {
            [Step]
            internal static async Task<int> F(int x) => x < 0 ? await F(x + 1) : x;
        }
        """,
        OutputKind.ConsoleApplication);

    [Theory]
    [InlineData("class S { int G(int y) { return F(1); [Step] int [|F|](int x) => x + y; } }")]
    [InlineData("class S { int G() { return F(1); int H() => 1; [Step] int [|F|](int x) => x + H(); } }")]
    [InlineData("class S { int G<T>() { return F(1); [Flow] int [|F|](int x) => typeof(T).Name.Length; } }")]
    public async Task One_that_uses_what_is_around_it_stays(string source) => await Verify.HasNoFix("FLT0002", source);

    [Fact]
    public async Task Other_local_functions_are_not_reported() =>
        await Verify.IsClean("class S { int G() { return F(1); [System.Diagnostics.StackTraceHidden] int F(int x) => x; } }");
}
