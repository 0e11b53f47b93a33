using Fletcher.Generators.Tests.Driver;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Tests.Analyzers;

public sealed class CallAnalyzerTests
{
    private const string Step = "[Step] static int F(int x) => x; [Step] static Task<int> A(int x) => Task.FromResult(x); [Step] static async IAsyncEnumerable<int> Q() { await Task.Yield(); yield return 1; }";

    [Theory]
    [InlineData("Func<int, int> G() => [|F|];")]
    [InlineData("object G() => new[] { 1 }.Select([|F|]);")]
    [InlineData("object G() => new Func<int, int>([|S.F|]);")]
    [InlineData("object G() => Flow.Map(new[] { 1 }, (Func<int, object>)(x => 1)); object H<T>(T[] t) where T : class => Flow.Map(t, [|I|]); [Step] static int I(object o) => 1;")]
    [InlineData("event Action<int>? E; void G() { E += [|V|]; E?.Invoke(1); } [Step] void V(int x) { }")]
    public async Task FLT0001_A_method_group_is_reported(string members) =>
        await Verify.Reports("FLT0001", $"class S {{ {Step} {members} }}");

    [Theory]
    [InlineData("object G() => Flow.Map(new[] { 1 }, F);")]
    [InlineData("object G() => Flow.Map(new[] { 1 }, A, maxConcurrency: 2);")]
    [InlineData("object G() => new[] { 1 }.Select(x => F(x));")]
    [InlineData("string G() => nameof(F);")]
    [InlineData("int Plain(int x) => x; object G() => new[] { 1 }.Select(Plain);")]
    public async Task FLT0001_What_is_seen_is_not(string members) => await Verify.IsClean($"class S {{ {Step} {members} }}");

    [Theory]
    [InlineData("object G() => new[] { 1 }.Select([|F|]);", "object G() => new[] { 1 }.Select(x => F(x));")]
    [InlineData("object G(int x) => new[] { 1 }.Select([|S.F|]);", "object G(int x) => new[] { 1 }.Select(x_ => S.F(x_));")]
    [InlineData("Func<int, int, int> G() => [|Two|]; [Step] int Two(int a, int b) => a;", "Func<int, int, int> G() => (a, b) => Two(a, b); [Step] int Two(int a, int b) => a;")]
    [InlineData("Func<int> G() => [|None|]; [Step] int None() => 1;", "Func<int> G() => () => None(); [Step] int None() => 1;")]
    public async Task FLT0001_Fix(string before, string after) =>
        await Verify.Fixed("FLT0001", $"class S {{ {Step} {before} }}", $"class S {{ {Step} {after} }}");

    [Theory]
    [InlineData("static readonly int N = [|F|](1);")]
    [InlineData("static int N { get; } = [|F|](1);")]
    [InlineData("static S() { [|F|](1); }")]
    public async Task FLT0006_Static_construction_is_reported(string members) => await Verify.Reports("FLT0006", $"class S {{ {Step} {members} }}");

    [Theory]
    [InlineData("readonly int _n = F(1); int N => _n;")]
    [InlineData("static readonly Lazy<int> N = new(() => F(1));")]
    [InlineData("static int N => F(1);")]
    public async Task FLT0006_Other_initialisation_is_not(string members) => await Verify.IsClean($"class S {{ {Step} {members} }}");

    [Theory]
    [InlineData("async Task G() { [|A(1)|]; await Task.Yield(); }")]
    [InlineData("void G() { [|A(1)|]; }")]
    [InlineData("void G() { [|Q()|]; }")]
    [InlineData("void G(S? s) { s?[|.I()|]; } [Step] Task I() => Task.CompletedTask;")]
    public async Task FLT0007_A_dropped_task_is_reported(string members) => await Verify.Reports("FLT0007", $"class S {{ {Step} {members} }}");

    [Theory]
    [InlineData("async Task G() { await A(1); }")]
    [InlineData("Task G() => A(1);")]
    [InlineData("async Task G() { var t = A(1); await t; }")]
    [InlineData("void G() { _ = A(1); F(1); }")]
    public async Task FLT0007_A_used_one_is_not(string members) => await Verify.IsClean($"class S {{ {Step} {members} }}");

    [Fact]
    public async Task FLT0007_Fix() => await Verify.Fixed(
        "FLT0007",
        $"class S {{ {Step} async Task G() {{ [|A(1)|]; await Task.Yield(); }} }}",
        $"class S {{ {Step} async Task G() {{ await A(1); await Task.Yield(); }} }}");

    [Fact]
    public async Task FLT0007_Without_async_there_is_no_fix() => await Verify.HasNoFix("FLT0007", $"class S {{ {Step} void G() {{ [|A(1)|]; }} }}");

    [Theory]
    [InlineData("class D : B { int G() => base.[|F|](); }")]
    [InlineData("class D : B { public override int F() => 1; int G() => base.[|F|](); }")]
    public async Task FLT0301_A_base_call_is_reported(string declarations) =>
        await Verify.Reports("FLT0301", $"class B {{ [Step] public virtual int F() => 1; }} {declarations}");

    [Theory]
    [InlineData("class D : B { public override int F() => base.F(); }")]
    [InlineData("class D : B { int G() => F(); }")]
    [InlineData("class D : B { int G() => base.N(); }")]
    public async Task FLT0301_That_of_the_override_itself_is_not(string declarations) =>
        await Verify.IsClean($"class B {{ [Step] public virtual int F() => 1; [Step] public int N() => 1; }} {declarations}");

    [Theory]
    [InlineData("class S { record P; [Step] static P F() => new(); void G() => [|F|](); }", "'P' is not accessible")]
    [InlineData("class S { class P { [Step] internal int F() => 1; } int G() => new P().[|F|](); }", "'P' is not accessible")]
    [InlineData("file class S { [Step] internal int F() => 1; int G() => [|F|](); }", "'S' is not accessible")]
    [InlineData("interface I { [Step] static abstract int F(); } class C { static int G<T>() where T : I => T.[|F|](); }", "static member of an interface")]
    [InlineData("class S { [Step] static int F(dynamic x) => 1; int G() => [|F|]((object)1); }", "'dynamic'")]
    public async Task FLT0302_What_generated_code_cannot_reach_is_reported(string source, string reason) =>
        Assert.Contains(reason, Assert.Single(await Verify.Reports("FLT0302", source)), StringComparison.Ordinal);

    [Theory]
    [InlineData("object G() => (System.Linq.Expressions.Expression<Func<int>>)(() => [|F|](1));")]
    [InlineData("object G(IQueryable<int> q) => q.Where(x => [|F|](x) > 0);")]
    [InlineData("object G(IQueryable<int> q) => from x in q where [|F|](x) > 0 select [|F|](x);")]
    public async Task FLT0303_A_call_in_an_expression_tree_is_reported(string members) => await Verify.Reports("FLT0303", $"class S {{ {Step} {members} }}");

    [Fact]
    public async Task FLT0002_A_function_of_a_program_is_reported() => await Verify.Reports(
        "FLT0002", "F(1); [Step] static int [|F|](int x) => x;", OutputKind.ConsoleApplication);
}
