using System.Text.Json;
using System.Text.Json.Serialization;
using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>Policies as texts, the same in every store.</summary>
public static class RetentionJson
{
    /// <summary>A JSON object.</summary>
    public static string Write(RetentionPolicy policy) => JsonSerializer.Serialize(policy, RetentionJsonContext.Kept.RetentionPolicy);

    /// <summary>Reads what <see cref="Write"/> wrote; what cannot be read keeps everything, as a newer version may have meant that.</summary>
    public static RetentionPolicy Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RetentionJsonContext.Kept.RetentionPolicy) is { } policy && policy.FindProblem() is null ? policy : RetentionPolicy.Everything;
        }
        catch (JsonException)
        {
            return RetentionPolicy.Everything;
        }
    }
}

/// <summary>How they are written; made when it is compiled.</summary>
[JsonSerializable(typeof(RetentionPolicy))]
internal sealed partial class RetentionJsonContext : JsonSerializerContext
{
    internal static RetentionJsonContext Kept { get; } = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase });
}
