using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fletcher.Engine;

/// <summary>A secret in JSON: <c>{"$secret":"name"}</c>.</summary>
internal sealed class SecretJsonConverter : JsonConverter<Secret>
{
    private const string Property = "$secret";

    public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // The message has nothing of what was given: that may be the clear text.
        if (reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals(Property)
            || !reader.Read() || reader.TokenType != JsonTokenType.String || reader.GetString() is not { Length: > 0 } name || !reader.Read() || reader.TokenType != JsonTokenType.EndObject)
            throw new JsonException($"A secret is given by its name, never by its text: {{\"{Property}\":\"name\"}}.");
        return new Secret(name);
    }

    public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString(Property, value.Name);
        writer.WriteEndObject();
    }
}
