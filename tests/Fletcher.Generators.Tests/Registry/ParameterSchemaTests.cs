using System.Text.Json;
using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Registry;

/// <summary>The JSON schema of a flow's parameters.</summary>
public sealed class ParameterSchemaTests
{
    [Theory]
    [InlineData("int p", """{"type":"integer"}""")]
    [InlineData("byte p", """{"type":"integer","minimum":0,"maximum":255}""")]
    [InlineData("decimal p", """{"type":"number"}""")]
    [InlineData("bool p", """{"type":"boolean"}""")]
    [InlineData("string p", """{"type":"string"}""")]
    [InlineData("string? p", """{"anyOf":[{"type":"string"},{"type":"null"}]}""")]
    [InlineData("int? p", """{"anyOf":[{"type":"integer"},{"type":"null"}]}""")]
    [InlineData("DateOnly p", """{"type":"string","format":"date"}""")]
    [InlineData("DateTimeOffset p", """{"type":"string","format":"date-time"}""")]
    [InlineData("TimeSpan p", """{"type":"string"}""")]
    [InlineData("Guid p", """{"type":"string","format":"uuid"}""")]
    [InlineData("DayOfWeek p", """{"type":"integer","enum":[0,1,2,3,4,5,6],"x-enumNames":["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"]}""")]
    [InlineData("Colour p", """{"enum":["Red","Green"]}""")]
    [InlineData("byte[] p", """{"type":"string","contentEncoding":"base64"}""")]
    [InlineData("int[] p", """{"type":"array","items":{"type":"integer"}}""")]
    [InlineData("IReadOnlyList<string> p", """{"type":"array","items":{"type":"string"}}""")]
    [InlineData("Dictionary<string, int> p", """{"type":"object","additionalProperties":{"type":"integer"}}""")]
    [InlineData("IReadOnlyDictionary<string, int> p", """{"type":"object","additionalProperties":{"type":"integer"}}""")]
    [InlineData("(int A, string B) p", """{"type":"object","properties":{"Item1":{"type":"integer"},"Item2":{"type":"string"}}}""")]
    [InlineData("[ScheduledTime] DateOnly p", """{"type":"string","format":"date","x-scheduled-time":"date"}""")]
    [InlineData("[ScheduledTime] System.DateTimeOffset p", """{"type":"string","format":"date-time","x-scheduled-time":"instant"}""")]
    [InlineData("[ScheduledTime] System.DateTime p", """{"type":"string","format":"date-time","x-scheduled-time":"local"}""")]
    [InlineData("[ScheduledTime] int p", """{"type":"integer"}""")]
    [InlineData("Order p", """{"type":"object","properties":{"Id":{"type":"integer"},"name":{"type":"string"},"Note":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["name"]}""")]
    [InlineData("Node p", """{"type":"object","properties":{"Next":{"anyOf":[{"type":"object","properties":{"Next":{"anyOf":[{"type":"object","properties":{"Next":{"anyOf":[{"type":"object","properties":{"Next":{}}},{"type":"null"}]}}},{"type":"null"}]}}},{"type":"null"}]}}}""")]
    [InlineData("object p", "{}")]
    [InlineData("System.Text.Json.JsonElement p", "{}")]
    public void A_type_is_described_as_it_is_serialised(string parameter, string expected)
    {
        using var schema = Schema(parameter);

        Assert.Equal("object", schema.RootElement.GetProperty("type").GetString());
        Assert.Equal(expected, schema.RootElement.GetProperty("properties").GetProperty("p").GetRawText());
        Assert.Equal("p", schema.RootElement.GetProperty("required")[0].GetString());
    }

    [Theory]
    [InlineData("int p = -3", "-3")]
    [InlineData("string? p = null", "null")]
    [InlineData("string p = \"a\\\"b\"", "\"a\\\"b\"")]
    [InlineData("double p = 1.5", "1.5")]
    [InlineData("bool p = true", "true")]
    [InlineData("object? p = null", "null")]
    public void A_default_value_is_told_and_makes_the_parameter_optional(string parameter, string expected)
    {
        using var schema = Schema(parameter);

        Assert.Equal(expected, schema.RootElement.GetProperty("properties").GetProperty("p").GetProperty("default").GetRawText());
        Assert.False(schema.RootElement.TryGetProperty("required", out _));
    }

    [Fact]
    public void What_is_no_input_is_not_in_it()
    {
        using var schema = Schema("IProgress<int> p, CancellationToken c, int q");

        Assert.Equal(["q"], schema.RootElement.GetProperty("properties").EnumerateObject().Select(p => p.Name));
    }

    private static JsonDocument Schema(string parameter) => JsonDocument.Parse(Definitions.Flow(
        $"[Flow] static void F({parameter}) {{ }}",
        more:
        """
        [System.Text.Json.Serialization.JsonConverter(typeof(System.Text.Json.Serialization.JsonStringEnumConverter))] public enum Colour { Red, Green }
        public record Order(int Id)
        {
            [System.Text.Json.Serialization.JsonPropertyName("name")] public required string Name { get; init; }
            public string? Note;
            [System.Text.Json.Serialization.JsonIgnore] public int Ignored { get; set; }
            internal int Hidden { get; set; }
        }
        public class Node { public Node? Next { get; set; } }
        """).ParameterSchema!);
}
