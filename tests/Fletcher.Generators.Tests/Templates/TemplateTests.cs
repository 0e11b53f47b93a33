using System.Globalization;
using Fletcher.Generators.Tests.Driver;
using Fletcher.Generators.Tests.Interceptors;

namespace Fletcher.Generators.Tests.Templates;

/// <summary>Templates are compiled into the calls.</summary>
public sealed class TemplateTests
{
    [Theory]
    [InlineData("invoice {airport}", "string airport", "KSF", "invoice KSF")]
    [InlineData("{airport}", "string? airport", null, "")]
    [InlineData("{{{x}}} \\\"quoted\\\" \\\\", "int x", 7, "{7} \"quoted\" \\")]
    [InlineData("{x:D5}", "int x", 7, "00007")]
    [InlineData("{ x }", "int x", 7, "7")]
    [InlineData("{x.Length} of {x}", "string x", "abc", "3 of abc")]
    [InlineData("{x.Length}", "string? x", null, "")]
    [InlineData("{x:yyyy}", "DateTime? x", null, "")]
    [InlineData("{new}", "int @new", 7, "7")]
    [InlineData("plain", "int x", 7, "plain")]
    public void A_template_renders_its_parameters(string template, string parameter, object? argument, string expected)
    {
        var call = Probe.Of(Program($"Key = \"{template}\"", parameter), argument);

        Assert.Equal(expected, call.Render("Key"));
        Assert.Null(call.Render("Name"));
    }

    [Fact]
    public void Numbers_and_dates_are_written_alike_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        try
        {
            Assert.Equal("1.5", Probe.Of(Program("Name = \"{x}\"", "double x"), 1.5).Render("Name"));
            Assert.Equal("2026-10", Probe.Of(Program("Target = \"{x:yyyy-MM}\"", "DateOnly x"), new DateOnly(2026, 10, 1)).Render("Target"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_limit_has_a_key()
    {
        Assert.Equal("C-7", Probe.Of(Program("Limit = \"customer\", LimitKey = \"C-{x}\"", "int x"), 7).Render("LimitKey"));
        Assert.Null(Probe.Of(Program("Limit = \"customer\"", "int x"), 7).Render("LimitKey"));
    }

    [Fact]
    public void A_flow_has_once()
    {
        var program = Generated.From(
            "public static class Sample { [Flow(Once = \"{month:yyyy-MM}\")] static void F(DateOnly month) { } }");

        Assert.Contains("RenderOnce() => string.Create(", program.Registry, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{y}")]
    [InlineData("{x.Missing}")]
    [InlineData("{x")]
    [InlineData("x}")]
    [InlineData("{}")]
    [InlineData("{x:}")]
    [InlineData("{x,10}")]
    [InlineData("{x.Length:D2:{}")]
    [InlineData("{x:D2}")]
    public void A_wrong_template_counts_as_absent_and_the_program_still_compiles(string template) =>
        Assert.DoesNotContain("RenderKey", Program($"Key = \"{template}\"", "string x").Calls, StringComparison.Ordinal);

    [Fact]
    public void A_private_member_is_out_of_reach() => Assert.DoesNotContain(
        "RenderKey",
        Generated.From(
            """
            public class Order { private int Secret { get; } public int Open { private get; set; } }
            public static class Sample
            {
                [Step(Key = "{o.Secret}")] public static void F(Order o) { }
                [Step(Key = "{o.Open}")] public static void G(Order o) { }
                static void Run(Order o) { F(o); G(o); }
            }
            """).Calls,
        StringComparison.Ordinal);

    private static Generated Program(string setting, string parameter) => Generated.From(
        $$"""
        public static class Sample
        {
            [Step({{setting}})] public static void F({{parameter}}) { }
            static void G() => F(default!);
        }
        """);
}
