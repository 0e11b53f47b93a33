using System.Globalization;
using Fletcher.Engine;
using Fletcher.Generators.Analyzers;
using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Registry;

/// <summary>Reads what an attribute says into assignments to a definition's properties.</summary>
internal static class DefinitionReader
{
    private static readonly string[] DurationSettings = ["Timeout", "TotalTimeout", "Cache", "KeepFor", "KeepFailedFor", "KeepOnceFor"];

    /// <summary>The definition without anything that only its own source tells.</summary>
    internal static DefinitionModel ReadPolicy(Marked marked, Reach reach)
    {
        var id = MethodId.Stable(marked);
        var settings = new List<string> { $"Id = {Literal.Of(id)}" };
        foreach (var argument in marked.Attribute.NamedArguments)
        {
            if (Setting(argument.Key, argument.Value, marked, reach) is { } value)
                settings.Add($"{argument.Key} = {value}");
        }

        return new DefinitionModel(MethodId.Field(marked.Declaration), marked.IsFlow, id, settings.ToEquatableArray());
    }

    // A setting that an analyzer refuses counts as absent, so that the program's one error is the analyzer's.
    private static string? Setting(string name, TypedConstant value, Marked marked, Reach reach) => name switch
    {
        "Retries" => value.Value is int and >= 0 and var count ? count.ToString(CultureInfo.InvariantCulture) : null,
        "MaxConcurrency" or "Keep" or "KeepFailed" => value.Value is int and >= 1 and var most ? most.ToString(CultureInfo.InvariantCulture) : null,
        "Jitter" => value.Value is double and >= 0 and <= 1 and var jitter ? Literal.Of(jitter) : null,
        "Limit" => value.Value is string limit && SettingsCheck.LimitProblem(limit) is null ? Literal.Of(limit) : null,
        "LimitWeight" => value.Value is int and >= 1 and <= 1_000_000 and var weight ? weight.ToString(CultureInfo.InvariantCulture) : null,
        "ReadOnly" => value.Value is bool truth ? Literal.Of(truth) : null,
        "Backoff" => value.Value is string text && Backoff.TryParse(text, out _, out _) ? Literal.Of(text) : null,
        _ when DurationSettings.Contains(name) =>
            value.Value is string text && Duration.TryParse(text, out _, out _) ? Literal.Of(text) : null,
        "MemoryLimit" => value.Value is string text && MemorySize.TryParse(text, out _, out _) ? Literal.Of(text) : null,
        "Schedule" or "Zone" => value.Value is string written ? Literal.Of(written) : null,
        // While it is being typed, an argument may have no type yet.
        "Delivery" or "CacheBy" or "OnDrift" or "OnRerun" or "OnFailure" or "Isolation" or "CatchUp" or "Overlap" when value.Kind == TypedConstantKind.Enum => Literal.OfConstant(value.Type!, value.Value),
        "Tags" => List(value, item => item.Value is string tag ? Literal.Of(tag) : null),
        "RetryOn" or "NoRetryOn" => List(
            value, item => item.Value is ITypeSymbol type && reach.Obstacle(type) is null ? $"typeof({TypeName.NotNull(type)})" : null),
        "RetryIf" => RetryCondition.Read(marked, value.Value as string, reach),
        _ => null,
    };

    private static string? List(TypedConstant value, Func<TypedConstant, string?> item) =>
        value is { Kind: TypedConstantKind.Array, IsNull: false }
            ? $"[{string.Join(", ", value.Values.Select(item).Where(i => i is not null))}]"
            : null;
}
