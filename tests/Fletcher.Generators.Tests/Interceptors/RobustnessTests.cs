using Fletcher.Generators.Tests.Driver;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Fletcher.Generators.Tests.Interceptors;

/// <summary>Generator and analyzers run at every keystroke, mostly on code that is not right yet: they must not fail on it.</summary>
public sealed class RobustnessTests
{
    [Theory]
    [InlineData("[Step(Delivery = Nothing.Here, Retries = \"x\", Tags = 3, RetryOn = new[] { typeof(Missing) }, RetryIf = 5, Name = null)] static void F() { } void G() => F();")]
    [InlineData("[Step] static Missing F(Missing x) => x; void G() => F(null!);")]
    [InlineData("[Step] static Task<> F() => null!; void G() => F();")]
    [InlineData("[Step] static Task<Missing<int>> F() => null!; void G() => F();")]
    [InlineData("[Step static void F() { } void G() => F();")]
    [InlineData("[Flow] static void F( { A( } [Step] static void A(int x) { }")]
    [InlineData("[Step] override void F() { } void G() => F();")]
    [InlineData("[Step] partial void F(int x); void G() => F(;")]
    [InlineData("[Flow] static void F() => Flow.Map(, A); [Step] static int A(int x) => x;")]
    [InlineData("[Flow] static void F() { if (A( else { while } foreach (var x in ) A(x); x switch { } }  [Step] static int A(int x) => x;")]
    [InlineData("[Step] static T F<T, T>(T x) where T : Missing => x; void G() => F<int, int>(1);")]
    [InlineData("[Flow(Name = \"{x.y.z}\")] static void F(Missing x, params x, ref y, this int z = \"a\") { }")]
    [InlineData("[Step] static void F(int x = Missing.Value, Missing y = null) { } void G() => F();")]
    [InlineData("[Step] static async IAsyncEnumerable F() { } void G() { F(); base.F(); }")]
    public async Task Broken_code_is_survived(string members)
    {
        var compilation = TestCompilation.Of($"class Sample : Missing {{ {members} }}");
        var cancellation = TestContext.Current.CancellationToken;

        var run = CSharpGeneratorDriver.Create([new FletcherGenerator().AsSourceGenerator()], parseOptions: TestCompilation.ParseOptions)
            .RunGenerators(compilation, cancellation).GetRunResult();

        Assert.Null(Assert.Single(run.Results).Exception);
        Assert.NotEmpty(compilation.GetDiagnostics(cancellation).Where(d => d.Severity == DiagnosticSeverity.Error));
        Assert.DoesNotContain(await Verify.FindAll(compilation), d => d.Id == "AD0001");
    }

    [Theory]
    [InlineData("odd name #1 & @2!.cs")]
    [InlineData("")]
    [InlineData("~.cs")]
    public void Any_name_of_a_file_will_do(string path)
    {
        var program = Generated.From(TestCompilation.Of([(path, "class S { [Step] static int F() => 1; int G() => F(); }")]));

        Assert.Contains("InterceptsLocation(1,", program.AllText, StringComparison.Ordinal);
    }

    [Fact]
    public void A_friend_of_the_core_overrides_its_members_as_a_friend_must()
    {
        var program = Generated.From(TestCompilation.Of(
            [("S.cs", "class S { [Step] static int F(int x) => 1; int G() => F(1); }")], name: "Fletcher.Core.Tests"));

        Assert.Contains("protected internal override void WriteInputs", program.AllText, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_core_nothing_is_generated()
    {
        var compilation = TestCompilation.Of("class S { void F() { } void G() => F(); }");
        compilation = compilation.WithReferences(compilation.References.Where(r => !r.Display!.Contains("Fletcher", StringComparison.Ordinal)));

        var run = CSharpGeneratorDriver.Create(new FletcherGenerator()).RunGenerators(compilation, TestContext.Current.CancellationToken).GetRunResult();

        Assert.Empty(run.GeneratedTrees);
        Assert.Null(Assert.Single(run.Results).Exception);
    }
}
