using System.Text.Json;
using System.Text.Json.Nodes;
using Fletcher.Scheduling;

namespace Fletcher.Model;

/// <summary>What an operator sets over what a deployment declares. What is null stays as it is declared.</summary>
public sealed record DeploymentChanges
{
    /// <summary>A JSON object: each parameter in it takes the place of the declared one; the others stay.</summary>
    public string? Parameters { get; init; }

    /// <summary>When it starts by itself. That it does not is a pause.</summary>
    public DeploymentSchedule? Schedule { get; init; }

    /// <inheritdoc cref="DeploymentSettings.CatchUp"/>
    public CatchUpPolicy? CatchUp { get; init; }

    /// <inheritdoc cref="DeploymentSettings.CatchUpWindow"/>
    public TimeSpan? CatchUpWindow { get; init; }

    /// <inheritdoc cref="DeploymentSettings.Overlap"/>
    public OverlapPolicy? Overlap { get; init; }

    /// <inheritdoc cref="DeploymentSettings.Priority"/>
    public int? Priority { get; init; }

    /// <inheritdoc cref="DeploymentSettings.Queue"/>
    public string? Queue { get; init; }

    /// <inheritdoc cref="DeploymentSettings.Labels"/>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <inheritdoc cref="DeploymentSettings.Tags"/>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>What holds where this is set over something declared.</summary>
    /// <param name="declared">What is declared.</param>
    public DeploymentSettings Over(DeploymentSettings declared)
    {
        ArgumentNullException.ThrowIfNull(declared);
        return declared with
        {
            Parameters = Parameters is null ? declared.Parameters : Merge(declared.Parameters, Parameters),
            Schedule = Schedule ?? declared.Schedule,
            CatchUp = CatchUp ?? declared.CatchUp,
            CatchUpWindow = CatchUpWindow ?? declared.CatchUpWindow,
            Overlap = Overlap ?? declared.Overlap,
            Priority = Priority ?? declared.Priority,
            Queue = Queue ?? declared.Queue,
            Labels = Labels ?? declared.Labels,
            Tags = Tags ?? declared.Tags,
        };
    }

    /// <summary>These changes, with later ones over them.</summary>
    /// <param name="later">What was said later.</param>
    public DeploymentChanges With(DeploymentChanges later)
    {
        ArgumentNullException.ThrowIfNull(later);
        return new DeploymentChanges
        {
            Parameters = Parameters is null || later.Parameters is null ? later.Parameters ?? Parameters : Merge(Parameters, later.Parameters),
            Schedule = later.Schedule ?? Schedule,
            CatchUp = later.CatchUp ?? CatchUp,
            CatchUpWindow = later.CatchUpWindow ?? CatchUpWindow,
            Overlap = later.Overlap ?? Overlap,
            Priority = later.Priority ?? Priority,
            Queue = later.Queue ?? Queue,
            Labels = later.Labels ?? Labels,
            Tags = later.Tags ?? Tags,
        };
    }

    /// <summary>The properties of both objects, those of the second first.</summary>
    internal static string Merge(string under, string over)
    {
        var merged = JsonNode.Parse(under)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(over)!.AsObject())
            merged[name] = value?.DeepClone();
        return merged.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
