using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Interceptors;

/// <summary>
/// Every shape of method and of call compiles, is intercepted, and outside a flow does what the bare call would have done.
/// </summary>
public sealed class ShapeTests
{
    public static TheoryData<string, string, string, int> Shapes => new()
    {
        // name, declarations, expression of Run, interceptors expected
        { "static", "public static class S { [Step] public static int F(int x) => x + 1; }", "S.F(1)", 1 },
        { "instance", "public class S { [Step] public int F(int x) => x + 1; }", "new S().F(1)", 1 },
        { "private static", "public class S { [Step] static int F(int x) => x + 1; public static int G() => F(1); }", "S.G()", 1 },
        { "private instance", "public class S { [Step] int F(int x) => x + 1; public int G() => F(1); }", "new S().G()", 1 },
        { "private in static class", "static class S { [Step] static int F(int x) => x + 1; public static int G() => F(1); }", "S.G()", 1 },
        { "private in private static class", "public class O { static class S { [Step] public static int F(int x) => x + 1; } public static int G() => S.F(1); }", "O.G()", 1 },
        { "namespace", "namespace A.B { static class S { [Step] static int F(int x) => x + 1; public static int G() => F(1); } }", "A.B.S.G()", 1 },
        { "protected virtual", "public class B { [Step] protected virtual int F() => 1; public int G() => F(); } public class D : B { protected override int F() => 2; }", "new D().G()", 1 },
        { "nested types", "public class O { public class P { [Step] public static int F(int x) => x + 1; } }", "O.P.F(1)", 1 },
        { "record", "public record R(int N) { [Step] public int F(int x) => N + x; }", "new R(1).F(1)", 1 },
        { "record struct", "public readonly record struct R(int N) { [Step] public int F(int x) => N + x; }", "new R(1).F(1)", 1 },
        { "struct", "public struct R { public int N; [Step] public int F() { return ++N; } public static int G() { var r = new R { N = 1 }; r.F(); return r.N; } }", "R.G()", 1 },
        { "readonly method", "public struct R { public int N; [Step] readonly int F(int x) => N + x; public int G() => F(2); }", "new R().G()", 1 },
        { "private in readonly struct", "public readonly struct R { [Step] private int F(int x) => x + 1; public int G() => F(1); }", "new R().G()", 1 },
        { "readonly struct field", "public struct R { public int N; [Step] public int F() => N + 2; } public class H { readonly R _r; public int G() => _r.F(); }", "new H().G()", 1 },
        { "private struct method", "public struct R { [Step] int F(int x) => x + 1; public int G() => F(1); }", "new R().G()", 1 },
        { "generic method", "public static class S { [Step] public static T F<T>(T x) => x; }", "S.F(2)", 1 },
        { "constrained generic method", "public static class S { [Step] public static T F<T, U>(T x, U? y) where T : struct, IComparable<T> where U : class, new() => x; }", "S.F(2, new object())", 1 },
        { "generic from generic caller", "public static class S { [Step] static T F<T>(T x) where T : notnull => x; public static U G<U>(U x) where U : notnull => F<U>(x); }", "S.G(2)", 1 },
        { "method of generic type", "public class B<T> { [Step] public T F(T x) => x; }", "new B<int>().F(2)", 1 },
        { "private method of generic type", "public class B<T> where T : IComparable<T> { [Step] T F<U>(T x, U y) => x; public T G(T x) => F(x, 1); }", "new B<int>().G(2)", 1 },
        { "private in generic static class", "static class B<T> where T : class { [Step] static T F(T x) => x; public static T G(T x) => F(x); }", "B<string>.G(\"2\").Length + 1", 1 },
        { "nested generic types", "public class A<T> { public class B<U> { [Step] public (T, U) F<V>(T x, U y, V z) => (x, y); } }", "new A<int>.B<string>().F(2, \"\", 'c').Item1", 1 },
        { "interface", "public interface I { [Step] int F(int x); } public class C : I { public int F(int x) => x + 1; }", "((I)new C()).F(1)", 1 },
        { "interface through implementation", "public interface I { [Step] int F(int x); } public class C : I { public int F(int x) => x + 1; }", "new C().F(1)", 1 },
        { "generic interface", "public interface I<T> { [Step] T F(T x); } public class C : I<int> { public int F(int x) => x + 1; }", "((I<int>)new C()).F(1)", 1 },
        { "type parameter receiver", "public interface I { [Step] int F(int x); } public class C : I { public int F(int x) => x + 1; public static int G<T>(T t) where T : I => t.F(1); }", "C.G(new C())", 1 },
        { "default interface method", "public interface I { [Step] int F(int x) => x + 1; } public class C : I;", "((I)new C()).F(1)", 1 },
        { "override", "public class B { [Step] public virtual int F() => 1; } public class D : B { public override int F() => 2; }", "new D().F()", 1 },
        { "abstract", "public abstract class B { [Step] public abstract int F(); } public class D : B { public override int F() => 2; }", "((B)new D()).F()", 1 },
        { "extension", "public static class S { [Step] public static int F(this string s, int x) => s.Length + x; }", "\"a\".F(1)", 1 },
        { "extension as static", "public static class S { [Step] public static int F(this string s, int x) => s.Length + x; }", "S.F(\"a\", 1)", 1 },
        { "generic extension", "public static class S { [Step] public static int F<T>(this IEnumerable<T> s) => s.Count(); }", "new[] { 1, 2 }.F()", 1 },
        { "void", "public static class S { static int n; [Step] public static void F(int x) => n = x; public static int G() { F(2); return n; } }", "S.G()", 1 },
        { "Task", "public static class S { static int n; [Step] public static async Task F(int x) { await Task.Yield(); n = x; } public static async Task<int> G() { await F(2); return n; } }", "S.G()", 1 },
        { "Task<T>", "public static class S { [Step] public static async Task<int> F(int x) { await Task.Yield(); return x; } }", "S.F(2)", 1 },
        { "ValueTask", "public static class S { static int n; [Step] public static async ValueTask F(int x) { await Task.Yield(); n = x; } public static async Task<int> G() { await F(2); return n; } }", "S.G()", 1 },
        { "ValueTask<T>", "public static class S { [Step] public static ValueTask<int> F(int x) => new(x); }", "S.F(2).AsTask()", 1 },
        { "async sequence", "public static class S { [Step] public static async IAsyncEnumerable<int> F(int x) { await Task.Yield(); yield return x; } public static async Task<int> G() { var n = 0; await foreach (var i in F(2)) n += i; return n; } }", "S.G()", 1 },
        { "sequence", "public static class S { [Step] public static IEnumerable<int> F(int x) { yield return x; yield return 0; } }", "S.F(2).Sum()", 1 },
        { "optional", "public static class S { [Step] public static int F(int x = 2, string? y = null, DayOfWeek z = DayOfWeek.Monday) => x; }", "S.F()", 1 },
        { "named", "public static class S { [Step] public static int F(int x, int y) => x - y; }", "S.F(y: 1, x: 3)", 1 },
        { "params", "public static class S { [Step] public static int F(string s, params int[] x) => x.Length; }", "S.F(\"\", 1, 2)", 1 },
        { "params list", "public static class S { [Step] public static int F(params List<int> x) => x.Count; }", "S.F(1, 2)", 1 },
        { "params objects", "public static class S { [Step] public static int F(params object?[] x) => x.Length; }", "S.F(null, 1)", 1 },
        { "token", "public static class S { [Step] public static int F(int x, CancellationToken ct = default) => ct.IsCancellationRequested ? 0 : x; }", "S.F(2)", 1 },
        { "nullable", "public static class S { [Step] public static string? F(string? x, int? y) => x; }", "(S.F(null, 2) ?? \"ab\").Length", 1 },
        { "tuple", "public static class S { [Step] public static (int A, string? B) F((int X, string? Y) t) => (t.X, t.Y); }", "S.F((2, null)).A", 1 },
        { "generic arguments", "public static class S { [Step] public static Dictionary<string, List<int?>> F(Dictionary<string, List<int?>> x) => x; }", "S.F(new() { [\"\"] = new() { 2 } })[\"\"][0]!.Value", 1 },
        { "lambda", "public static class S { [Step] public static int F(int x) => x + 1; }", "new[] { 1 }.Select(x => S.F(x)).Single()", 1 },
        { "static lambda", "public static class S { [Step] public static int F(int x) => x + 1; }", "new[] { 1 }.Select(static x => S.F(x)).Single()", 1 },
        { "query", "public static class S { [Step] public static int F(int x) => x + 1; }", "(from x in new[] { 1 } where S.F(x) > 0 select S.F(x)).Single()", 2 },
        { "conditional access", "public class S { [Step] public int F(int x) => x + 1; }", "((S?)new S())?.F(1)!", 1 },
        { "null conditional access", "public class S { [Step] public int F(int x) => x + 1; }", "((S?)null)?.F(1) ?? 2", 1 },
        { "two on a line", "public static class S { [Step] public static int F(int x) => x + 1; }", "S.F(0) + S.F(0)", 2 },
        { "nested calls", "public static class S { [Step] public static int F(int x) => x + 1; }", "S.F(S.F(0))", 2 },
        { "partial class", "public partial class S { [Step] int F(int x) => x + 1; } public partial class S { public int G() => F(1); }", "new S().G()", 1 },
        { "partial method", "public partial class S { [Step] public partial int F(int x); } public partial class S { public partial int F(int x) => x + 1; }", "new S().F(1)", 1 },
        { "keyword names", "public static class @class { [Step] public static int @new(int @this) => @this + 1; }", "@class.@new(1)", 1 },
        { "overloads", "public static class S { [Step] public static int F(int x) => x + 1; [Step] public static int F(int x, int y = 0) => y; [Step] public static T F<T>(T x) => x; }", "S.F(1) + S.F<int>(0)", 2 },
        { "recursion", "public static class S { [Step] public static int F(int x) => x < 2 ? F(x + 1) : x; }", "S.F(0)", 2 },
        { "field initialiser", "public class S { readonly int _n = F(1); [Step] static int F(int x) => x + 1; public int N => _n; }", "new S().N", 1 },
        { "base call of a method that is not virtual", "public class B { [Step] public int F() => 2; } public class D : B { public int G() => base.F(); }", "new D().G()", 1 },
        { "flow and step namesakes of others", "public class StepAttribute : Attribute; public static class S { [global::StepAttribute] public static int F() => 2; }", "S.F()", 0 },
        { "type with the runtime's names", "public static class Calls { [Step] public static int InFlow(int Site0, int a0) => Site0; } namespace System2 { }", "Calls.InFlow(2, 0)", 1 },
        { "obsolete", "public static class S { [Step, Obsolete] public static int F() => 2; [Obsolete] public static int H() => F(); public static int G() => (int)typeof(S).GetMethod(\"H\")!.Invoke(null, null)!; }", "S.G()", 1 },
        { "unsigned and array defaults", "public static class S { [Step] public static int F(uint a = 1, long? b = -5, double c = double.NaN, char d = '\\'', decimal e = 1.5m) => 2; }", "S.F()", 1 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Outside_a_flow_the_method_is_simply_called(string name, string declarations, string expression, int interceptors)
    {
        Assert.NotEmpty(name);
        var program = Generated.From(
            $$"""
            public static class Sample
            {
                public static object Run() => {{expression}};
            }
            {{declarations}}
            """);

        var result = await program.Run();
        Assert.Equal(2, result is Task<int> task ? await task : result);
        Assert.Equal(interceptors, program.AllText.Split("InterceptsLocation(1,").Length - 1);
    }
}
