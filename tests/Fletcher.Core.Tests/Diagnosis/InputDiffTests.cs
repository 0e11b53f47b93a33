using System.Text;
using Fletcher.Diagnosis;
using Fletcher.Model;
using Xunit;

namespace Fletcher.Core.Tests.Diagnosis;

public sealed class InputDiffTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", "")]
    [InlineData("""{"a":1,"b":2}""", """{"b":2,"a":1}""", "")]
    [InlineData("""{"a":1.0}""", """{"a":1}""", "")]
    [InlineData("""{"month":"2026-09"}""", """{"month":"2026-10"}""", "month: \"2026-09\" -> \"2026-10\"")]
    [InlineData("""{}""", """{"b":true}""", "b: (absent) -> true")]
    [InlineData("""{"b":null}""", """{}""", "b: null -> (absent)")]
    [InlineData("""{"a":1}""", """{"a":"1"}""", "a: 1 -> \"1\"")]
    [InlineData("""{"o":{"x":{"y":1,"z":2}}}""", """{"o":{"x":{"y":3,"z":2}}}""", "o.x.y: 1 -> 3")]
    [InlineData("""{"l":[1,2,3]}""", """{"l":[1,5,6]}""", "l[1]: 2 -> 5")]
    [InlineData("""{"l":[1,2,3]}""", """{"l":[1,2]}""", "l: 3 items -> 2 items")]
    [InlineData("""{"l":[1]}""", """{"l":[2,3]}""", "l: 1 item -> 2 items|l[0]: 1 -> 2")]
    [InlineData("""{"l":[{"p":1},{"p":2}]}""", """{"l":[{"p":1},{"p":9}]}""", "l[1].p: 2 -> 9")]
    [InlineData("""{"v":{"$length":10,"$hash":"aa","$start":"x"}}""", """{"v":{"$length":10,"$hash":"aa","$start":"x"}}""", "")]
    [InlineData("""{"v":{"$length":2048,"$hash":"aa","$start":"x"}}""", """{"v":{"$length":4096,"$hash":"bb","$start":"y"}}""",
        "v: 2 KB starting with x -> 4 KB starting with y")]
    [InlineData("""{"v":{"$length":2048,"$hash":"aa","$start":"x"}}""", """{"v":{"$length":2048,"$hash":"bb","$start":"x"}}""",
        "v: 2 KB starting with x -> 2 KB starting with x, other content")]
    [InlineData("""{"v":{"$step":3}}""", """{"v":{"$step":3}}""", "")]
    [InlineData("""{"v":{"$step":3}}""", """{"v":5}""", "v: result of step run 3 -> 5")]
    [InlineData("", """{"v":5}""", "v: (absent) -> 5")]
    [InlineData("5", "6", "value: 5 -> 6")]
    [InlineData("nonsense", """{}""", "inputs: 8 bytes that are no JSON -> 2 bytes that are no JSON")]
    public void Differences_are_told_by_path(string before, string after, string expected) =>
        Assert.Equal(expected, string.Join('|', InputDiff.Compare(Utf8(before), Utf8(after))));

    [Fact]
    public void Results_of_steps_are_compared_by_content_and_not_by_number()
    {
        var before = Utf8("""{"usage":{"$step":2}}""");
        var after = Utf8("""{"usage":{"$step":5}}""");
        var then = new StepReference("Billing.Load", new ContentHash(1), 2048);

        Assert.Empty(InputDiff.Compare(before, after, _ => then, _ => then));
        Assert.Equal("usage: result of Billing.Load (2 KB) -> result of Billing.Load (2 KB), other content",
            Assert.Single(InputDiff.Compare(before, after, _ => then, _ => then with { Content = new ContentHash(2) })).ToString());
        Assert.Single(InputDiff.Compare(before, before, _ => then, _ => then with { Content = new ContentHash(2), Length = 1 }));
    }

    [Fact]
    public void Long_values_are_shortened_and_many_differences_are_cut()
    {
        var before = Utf8("{" + string.Join(',', Enumerable.Range(0, 100).Select(static i => $"\"k{i}\":{i}")) + "}");
        var after = Utf8("{" + string.Join(',', Enumerable.Range(0, 100).Select(static i => $"\"k{i}\":\"{new string('x', 1000)}\"")) + "}");

        var differences = InputDiff.Compare(before, after);

        Assert.Equal(InputDiff.MaxDifferences, differences.Count);
        Assert.All(differences, static d => Assert.InRange(d.After!.Length, 1, 100));
    }

    [Fact]
    public void Deep_documents_do_no_harm()
    {
        var deep = Utf8(new string('[', 5_000) + new string(']', 5_000));

        Assert.Single(InputDiff.Compare(deep, Utf8("{}")));
    }

    private static byte[]? Utf8(string text) => text.Length == 0 ? null : Encoding.UTF8.GetBytes(text);
}
