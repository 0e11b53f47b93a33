using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fletcher.Model;
using Fletcher.Scheduling;

namespace Fletcher.Storage;

/// <summary>Deployments as texts, the same in every store. What a newer version added is passed over by an older one that reads it, and gone when that one writes it.</summary>
public static class DeploymentJson
{
    /// <summary>A JSON object.</summary>
    public static string Write(DeploymentRecord record) => JsonSerializer.Serialize(record, DeploymentJsonContext.Kept.DeploymentRecord);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="StoreUnavailableException">It is something else (FLT1711).</exception>
    public static DeploymentRecord Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, DeploymentJsonContext.Kept.DeploymentRecord) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new StoreUnavailableException("FLT1711", $"The store has a deployment that this version of Fletcher cannot read: {e.Message}", e);
        }
    }
}

/// <summary>How they are written; made when it is compiled.</summary>
[JsonSerializable(typeof(DeploymentRecord))]
internal sealed partial class DeploymentJsonContext : JsonSerializerContext
{
    internal static DeploymentJsonContext Kept { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new RunIdJson(), new JsonStringEnumConverter<CatchUpPolicy>(), new JsonStringEnumConverter<OverlapPolicy>() },
    });
}
