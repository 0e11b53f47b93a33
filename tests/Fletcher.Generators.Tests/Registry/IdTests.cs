using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Registry;

/// <summary>The stable names of steps.</summary>
public sealed class IdTests
{
    [Theory]
    [InlineData("static class Billing { [Step] static void Charge() { } }", "Billing.Charge")]
    [InlineData("namespace A.B { static class Billing { [Step] static void Charge() { } } }", "Billing.Charge")]
    [InlineData("class Outer { class Inner { [Step] void Charge() { } } }", "Outer.Inner.Charge")]
    [InlineData("class Box<T> { [Step] void Charge<U>(U u) { } }", "Box.Charge")]
    [InlineData("interface IPay { [Step] void Charge(); }", "IPay.Charge")]
    [InlineData("class Pay { [Step] void Charge(int x, string? y) { } [Step(Id = \"other\")] void Charge() { } }", "Pay.Charge(int,string?)")]
    [InlineData("class Pay { [Step] void Charge(int x) { } void Charge() { } }", "Pay.Charge")]
    [InlineData("partial class Pay { [Step] partial void Charge(int x); partial void Charge(int x) { } }", "Pay.Charge")]
    public void The_id_is_type_and_method(string source, string expected) =>
        Assert.Contains(expected, Generated.From(source).Registry().Steps.Select(s => s.Id));

    [Fact]
    public void A_partial_method_is_one_step()
    {
        var program = Generated.From("partial class Pay { [Step] partial void Charge(int x); partial void Charge(int x) { _ = x; } void Run() => Charge(1); }");

        Assert.NotNull(Assert.Single(program.Registry().Steps).SourceHash);
    }

    [Fact]
    public void A_method_with_both_attributes_is_a_flow()
    {
        var registry = Generated.From("static class Billing { [Step, Flow] static void Charge() { } }").Registry();

        Assert.Empty(registry.Steps);
        Assert.Single(registry.Flows);
    }
}
