using System.Text;
using System.Text.Json;
using System.Text.Json.Schema;
using CsCheck;
using Fletcher.Engine;

namespace Fletcher.Hosting.Tests;

/// <summary>Whether a JSON value fits a schema as System.Text.Json and the generator write them, and where it does not.</summary>
public sealed class JsonSchemaCheckTests
{
    [Theory]
    [InlineData("true", "5", "")]
    [InlineData("false", "5", "the value must not be there")]
    [InlineData("{}", "null", "")]
    [InlineData("""{"type":"integer"}""", "5", "")]
    [InlineData("""{"type":"integer"}""", "5.0", "the value must be integer and is 5.0")]
    [InlineData("""{"type":"integer"}""", "\"5\"", "the value must be integer and is \"5\"")]
    [InlineData("""{"type":["string","null"]}""", "null", "")]
    [InlineData("""{"type":["string","null"]}""", "true", "the value must be string or null and is true")]
    [InlineData("""{"enum":["Red","Green"]}""", "\"Blue\"", "the value must be one of \"Red\", \"Green\" and is \"Blue\"")]
    [InlineData("""{"const":3}""", "4", "the value must be 3 and is 4")]
    [InlineData("""{"not":{"type":"string"}}""", "\"a\"", "the value must not be \"a\"")]
    [InlineData("""{"type":"integer","minimum":0,"maximum":255}""", "256", "the value must be 255 or less and is 256")]
    [InlineData("""{"type":"integer","minimum":0,"maximum":255}""", "-1", "the value must be 0 or more and is -1")]
    [InlineData("""{"type":"string","minLength":1,"maxLength":1}""", "\"ab\"", "the value must have 1 characters or fewer and has 2")]
    [InlineData("""{"type":"string","minLength":1}""", "\"\"", "the value must have 1 characters or more and has 0")]
    [InlineData("""{"type":"string","pattern":"^[0-9]+$"}""", "\"x\"", "the value must have the form ^[0-9]+$ and is 'x'")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2026-02-30\"", "the value must be a date and is '2026-02-30'")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"soon\"", "the value must be a date-time and is 'soon'")]
    [InlineData("""{"type":"string","format":"uuid"}""", "\"x\"", "the value must be a uuid and is 'x'")]
    [InlineData("""{"type":"string","format":"whatever"}""", "\"x\"", "")]
    [InlineData("""{"type":"string","contentEncoding":"base64"}""", "\"?\"", "the value must be base64 and is '?'")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "5", "the value must be string and is 5")]
    [InlineData("""{"anyOf":[{"type":"number"},{"enum":["NaN"]}]}""", "\"x\"", "the value fits none of the 2 forms that it may have and is \"x\"")]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", "[1,true]", "'[1]' must be integer and is true")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"}}""", """{"a":1,"b":"x"}""", "'b' must be integer and is \"x\"")]
    [InlineData("""{"type":"object","properties":{"a":{}},"required":["a"],"additionalProperties":false}""", """{"b":1}""", "'a' is missing|'b' is unknown; there are a")]
    [InlineData("""{"properties":{"next":{"$ref":"#"},"n":{"type":"integer"}}}""", """{"next":{"next":{"n":"x"}}}""", "'next.next.n' must be integer and is \"x\"")]
    [InlineData("""{"properties":{"a":{"type":"integer"},"b":{"$ref":"#/properties/a"}}}""", """{"b":"x"}""", "'b' must be integer and is \"x\"")]
    [InlineData("""{"$ref":"#"}""", "5", "")]
    public void It_says_where_a_value_does_not_fit(string schema, string value, string errors) =>
        Assert.Equal(errors, string.Join('|', JsonSchemaCheck.Find(schema, Encoding.UTF8.GetBytes(value))));

    [Fact]
    public void It_says_ten_things_at_the_most() =>
        Assert.Equal(10, JsonSchemaCheck.Find("""{"items":{"type":"string"}}""", JsonSerializer.SerializeToUtf8Bytes(Enumerable.Range(0, 100))).Count);

    [Fact]
    public void Whatever_is_written_fits_the_schema_of_its_type()
    {
        var options = ValueCodec.CreateOptions();
        var schema = options.GetJsonSchemaAsNode(typeof(Everything)).ToJsonString();
        var any =
            from text in Gen.String
            from number in Gen.Double
            from whole in Gen.Int
            from time in Gen.DateTimeOffset
            from span in Gen.TimeSpan
            from id in Gen.Guid
            from day in Gen.Enum<DayOfWeek>()
            from bytes in Gen.Byte.Array
            from map in Gen.Dictionary(Gen.String, Gen.Int.Nullable())
            from depth in Gen.Int[0, 5]
            select new Everything(text, number, whole, time, DateOnly.FromDateTime(time.DateTime), TimeOnly.FromDateTime(time.DateTime), span, id, day, bytes, map, Nest(depth), whole % 2 == 0 ? null : whole);

        any.Sample(value => JsonSchemaCheck.Find(schema, JsonSerializer.SerializeToUtf8Bytes(value, options)) is { Count: 0 }, iter: 500);
    }

    private static Nested? Nest(int depth) => depth == 0 ? null : new Nested([Nest(depth - 1)], (depth, "x"));

    private sealed record Nested(Nested?[] Inner, (int Number, string Text) Pair);

    private sealed record Everything(
        string Text, double Number, int Whole, DateTimeOffset Time, DateOnly Date, TimeOnly Clock, TimeSpan Span, Guid Id, DayOfWeek Day, byte[] Bytes,
        Dictionary<string, int?> Map, Nested? Nested, int? Perhaps);
}
