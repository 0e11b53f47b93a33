using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Interceptors;

/// <summary>What cannot be intercepted is left as it is, and compiles and runs as before.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("base call", "public class B { [Step] public virtual int F() => 1; } public class D : B { public override int F() => base.F() + 1; public static int G() { Func<int> f = new D().F; return f(); } }", "D.G()")]
    [InlineData("expression tree", "public static class S { [Step] public static int F(int x) => x + 1; }", "((System.Linq.Expressions.Expression<Func<int>>)(() => S.F(1))).Compile()()")]
    [InlineData("query as expression tree", "public static class S { [Step] public static int F(int x) => x + 1; }", "(from x in new[] { 1 }.AsQueryable() where S.F(x) > 0 select S.F(x)).Single()")]
    [InlineData("nameof", "public static class S { [Step] public static int F(int x) => x + 1; }", "nameof(S.F).Length + 1")]
    [InlineData("local function", "public static class S { public static int G() { return F(1); [Step] int F(int x) => x + 1; } }", "S.G()")]
    [InlineData("private type in the signature", "public class O { record P(int N); [Step] static P F(int x) => new(x + 1); public static int G() => F(1).N; }", "O.G()")]
    [InlineData("private receiver", "public class O { class P { [Step] public int F(int x) => x + 1; } public static int G() => new P().F(1); }", "O.G()")]
    [InlineData("private type as generic argument", "public class O { record P(int N); [Step] static List<P[]> F(int x) => [[new(x + 1)]]; public static int G() => F(1)[0][0].N; }", "O.G()")]
    [InlineData("private constraint", "public class O { interface P; [Step] static int F<T>(int x) where T : P => x + 1; public static int G() => F<P>(1); }", "O.G()")]
    [InlineData("file-local type", "file static class S { [Step] public static int F(int x) => x + 1; } public static class T { public static int G() => S.F(1); }", "T.G()")]
    [InlineData("ref parameter", "public static class S { [Step] static void F(ref int x) => x++; public static int G() { var x = 1; F(ref x); return x; } }", "S.G()")]
    [InlineData("out parameter", "public static class S { [Step] static void F(out int x) => x = 2; public static int G() { F(out var x); return x; } }", "S.G()")]
    [InlineData("in parameter", "public static class S { [Step] static int F(in int x) => x; public static int G() => F(2); }", "S.G()")]
    [InlineData("span", "public static class S { [Step] static int F(ReadOnlySpan<char> x) => x.Length; public static int G() => F(\"ab\"); }", "S.G()")]
    [InlineData("ref return", "public static class S { static int n = 2; [Step] static ref int F() => ref n; public static int G() => F(); }", "S.G()")]
    [InlineData("pointer", "public static class S { [Step] static unsafe int F(int* x) => 2; public static unsafe int G() => F(null); }", "S.G()")]
    [InlineData("dynamic", "public static class S { [Step] static int F(dynamic x) => 2; public static int G() => F((object)\"\"); }", "S.G()")]
    [InlineData("static abstract", "public interface I { [Step] static abstract int F(); } public class C : I { public static int F() => 2; public static int G<T>() where T : I => T.F(); }", "C.G<C>()")]
    [InlineData("ref struct receiver", "public ref struct S { [Step] public int F() => 2; public static int G() => new S().F(); }", "S.G()")]
    [InlineData("type parameter that allows ref structs", "public static class S { [Step] public static int F<T>(T x) where T : allows ref struct => 2; }", "S.F(1)")]
    [InlineData("anonymous type as item", "public static class S { [Step] static int F(object x) => 2; public static int G() { var items = new[] { new { A = 1 } }; Task? t = items.Length > 1 ? Flow.Map(items, F) : null; return 2; } }", "S.G()")]
    [InlineData("extension block", "public static class S { extension(string s) { [Step] public int F() => 2; } public static int G() => \"\".F(); }", "S.G()")]
    [InlineData("delegate call", "public static class S { [Step] public static int F(int x) => x + 1; public static int G() { Func<int, int> f = F; return f(1); } }", "S.G()")]
    public async Task It_runs_as_it_did(string name, string declarations, string expression)
    {
        Assert.NotEmpty(name);
        var program = Generated.From($"public static class Sample {{ public static object Run() => {expression}; }} {declarations}");

        Assert.DoesNotContain("InterceptsLocation(1,", program.AllText, StringComparison.Ordinal);
        Assert.Equal(2, await program.Run());
    }
}
