using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CsCheck;

namespace Fletcher.Engine.Tests;

/// <summary>Simple values are written without the serializer, and must come out as if it had written them.</summary>
public sealed class PlainValueTests
{
    [Fact]
    public void Simple_values_are_written_as_the_serializer_writes_them()
    {
        var options = ValueCodec.CreateOptions();
        var codec = new ValueCodec(options);

        void Check<T>(T value) => Assert.Equal(JsonSerializer.Serialize(value, options), Json(codec, value));

        Gen.String.Sample(Check);
        Gen.Int.Sample(Check);
        Gen.Long.Sample(Check);
        Gen.Guid.Sample(Check);
        Check(true);
        Check<string?>(null);
        Check("é \"quoted\" <b> \ud83d\ude00");
    }

    [Fact]
    public void A_program_that_changes_how_numbers_are_written_is_obeyed()
    {
        var options = ValueCodec.CreateOptions();
        options.NumberHandling = JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString;

        Assert.Equal("\"7\"", Json(new ValueCodec(options), 7));
    }

    [Fact]
    public void A_program_with_a_converter_of_its_own_is_obeyed()
    {
        var options = ValueCodec.CreateOptions();
        options.Converters.Add(new Shouting());

        Assert.Equal("\"HI\"", Json(new ValueCodec(options), "hi"));
    }

    private static string Json<T>(ValueCodec codec, T value) => Encoding.UTF8.GetString(codec.Encode(value).Content!);

    private sealed class Shouting : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToUpperInvariant());
    }
}
