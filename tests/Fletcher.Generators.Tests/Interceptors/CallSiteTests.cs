using System.Text.RegularExpressions;
using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Interceptors;

/// <summary>A call site keeps its id while the code around it changes.</summary>
public sealed class CallSiteTests
{
    private const string Step = "[Step] static int F(int x) => x;";

    [Theory]
    [InlineData("void G() { F(1); }", "void G() { var y = 2; /* more */\n\n F(y + 1); }")]
    [InlineData("void G() { F(1); }", "void H() { F(0); } void G() { F(1); }")]
    [InlineData("void G() { F(1); }", "void G() { Func<int> f = () => F(1); }")]
    [InlineData("void G() { F(1); }", "void G() { int L() => F(1); L(); }")]
    public void An_edit_elsewhere_does_not_change_it(string before, string after) =>
        Assert.Equal(Sites(before).Last().Id, Sites(after).Last().Id);

    [Theory]
    [InlineData("void G() { F(1); }", "void H() { F(1); }")]
    [InlineData("void G() { F(1); }", "void G(int x) { F(1); }")]
    public void Another_member_makes_another(string before, string after) =>
        Assert.NotEqual(Sites(before).Last().Id, Sites(after).Last().Id);

    [Fact]
    public void Calls_of_one_member_are_told_apart_by_their_order()
    {
        var sites = Sites("void G() { F(F(1)); F(2); } public int A = F(1), B = F(2);");

        Assert.Equal(5, sites.Select(s => s.Id).Distinct().Count());
    }

    [Fact]
    public void It_knows_file_and_line_of_the_called_name()
    {
        var site = Assert.Single(Sites("void G()\n{\n    _ = Sample\n        .F(1);\n}"));

        Assert.Equal(("Program.cs", 4), (site.File, site.Line));
    }

    private static List<(string Id, string File, int Line)> Sites(string members) =>
        [.. Regex.Matches(
            Generated.From($"class Sample {{ {members} {Step} }}").Calls,
            """CallSite Site\d+ = new\((0x\w+)UL, "(.*)", (\d+)\)""")
            .Select(m => (m.Groups[1].Value, m.Groups[2].Value, int.Parse(m.Groups[3].Value, System.Globalization.CultureInfo.InvariantCulture)))];
}
