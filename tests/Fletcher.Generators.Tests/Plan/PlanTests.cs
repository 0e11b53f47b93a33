using Fletcher.Generators.Tests.Driver;
using Fletcher.Runtime;

namespace Fletcher.Generators.Tests.Plan;

/// <summary>The steps that a flow's body mentions.</summary>
public sealed class PlanTests
{
    public static TheoryData<string, string> Bodies => new()
    {
        { "A(); B();", "A B" },
        { "B(A());", "A B" },
        { "var y = A() + B();", "A B" },
        { "Sub();", "Sub*" },
        { "if (A() > 0) B(); else C();", "A Branch'if (A() > 0)'(B) Branch'else'(C)" },
        { "if (x > 0) B(); else if (x < 0) C(); else A();", "Branch'if (x > 0)'(B) Branch'if (x < 0)'(C) Branch'else'(A)" },
        { "if (x > 0) x++; else C();", "Branch'else'(C)" },
        { "switch (x) { case 1: A(); break; default: B(); break; }", "Branch'case 1:'(A) Branch'default:'(B)" },
        { "_ = x switch { 1 => A(), _ => B() };", "Branch'case 1'(A) Branch'case _'(B)" },
        { "_ = x > 0 ? A() : B();", "Branch'if (x > 0)'(A) Branch'else'(B)" },
        { "_ = A() > 0 && B() > 0;", "A Branch'A() > 0 &&'(B)" },
        { "int? y = null; _ = y ?? A();", "Branch'y ??'(A)" },
        { "string? s = null; _ = s?.Insert(A(), \"\");", "Branch's is not null'(A)" },
        { "foreach (var i in Many()) A(i);", "Many Loop'foreach (var i in Many())'(A)" },
        { "for (var i = A(); i < B(); i++) C();", "A Loop'for (…; i < B(); …)'(B C)" },
        { "while (A() > 0) B();", "Loop'while (A() > 0)'(A B)" },
        { "do B(); while (A() > 0);", "Loop'do … while (A() > 0)'(B A)" },
        { "try { A(); } catch (Exception e) when (e is not null) { B(); } finally { C(); }", "A Handler'catch (Exception e)'(B) Handler'finally'(C)" },
        { "await Flow.Map(Many(), One);", "FanOut'Flow.Map(Many(), One)'(Many One)" },
        { "await Flow.Map(Many(), i => A(i));", "FanOut'Flow.Map(Many(), i => A(i))'(Many A)" },
        { "await Task.WhenAll(Many().Select(i => One(i)));", "Many FanOut'Many().Select(i => One(i))'(One)" },
        { "await Task.Run(() => A());", "A" },
        { "Local(); int Local() => A();", "A" },
        { "Local(2); int Local(int n) => n > 0 ? Local(n - A()) : B();", "Branch'if (n > 0)'(A) Branch'else'(B)" },
        { "Func<int> f = () => A();", "A" },
        { "Console.WriteLine(nameof(A)); DateTime.Now.ToString();", "" },
        { "_ = Step.Run(\"charge\", () => A());", "charge" },
        { "var o = await Flow.Try(() => One(1));", "One" },
        { "await Flow.Start(() => Other());", "Other*" },
        { "var t = Many().AsParallel().Select(i => { if (i > 0) return A(i); return B(i); });", "Many FanOut'Many().AsParallel().Select(i => { if (i > 0) return A(i); r…'(Branch'if (i > 0)'(A) B)" },
        { "new Plain().Virtual();", "Base.Virtual" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Steps_are_noted_in_the_order_in_which_they_would_run(string body, string expected) =>
        Assert.Equal(expected, Text(Definitions.Flow(
            $$"""
            [Flow(Id = "main")] static async Task F(int x) { {{body}} }
            [Flow(Id = "Sub")] static void Sub() { }
            [Flow(Id = "Other")] static Task Other() => Task.CompletedTask;
            [Step(Id = "A")] static int A(int x = 0) => x;
            [Step(Id = "B")] static int B(int x = 0) => x;
            [Step(Id = "C")] static int C() => 0;
            [Step(Id = "Many")] static int[] Many() => [];
            [Step(Id = "One")] static Task<int> One(int x) => Task.FromResult(x);
            """,
            more: "class Base { [Step] public virtual int Virtual() => 0; } class Plain : Base { public override int Virtual() => 1; }").Plan!().Nodes));

    [Fact]
    public void A_node_has_the_line_of_its_call()
    {
        var plan = Definitions.Flow("\n[Flow] static void F()\n{\n    A();\n}\n[Step] static void A() { }").Plan!();

        Assert.Equal(4, Assert.Single(plan.Nodes).Line);
    }

    [Fact]
    public void A_flow_without_a_body_has_no_plan() => Assert.Null(Definitions.Flow("[Flow] void F();", "interface IBilling").Plan);

    private static string Text(IReadOnlyList<PlanNode> nodes) => string.Join(" ", nodes.Select(node => node.Kind switch
    {
        PlanNodeKind.Step => node.Label,
        PlanNodeKind.SubFlow => node.Label + "*",
        _ => $"{node.Kind}'{node.Label}'({Text(node.Children)})",
    }));
}
