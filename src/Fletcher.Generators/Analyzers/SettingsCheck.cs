using Fletcher.Engine;
using Fletcher.Generators.Registry;
using Fletcher.Generators.Symbols;
using Fletcher.Generators.Templates;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Analyzers;

/// <summary>Checks the values that an attribute sets, with the very code that reads them when the program runs.</summary>
internal static class SettingsCheck
{
    internal static IEnumerable<Diagnostic> Of(Marked marked, Reach reach, CancellationToken cancellation)
    {
        var (attribute, method) = (marked.Attribute, marked.Declaration);
        foreach (var setting in attribute.NamedArguments)
        {
            if ((Problem(setting.Key, setting.Value, reach) ?? LackOfLimit(setting.Key, attribute)) is { } problem)
                yield return Diagnostic.Create(Diagnostics.Policy, attribute.Place(setting.Key, cancellation), setting.Key, method.Name, problem);
        }

        var compiler = new TemplateCompiler(method, reach);
        foreach (var (setting, _) in TemplateSettings.All)
        {
            if (TemplateSettings.Text(attribute, setting) is { } text && compiler.Compile(text, out var error) is null)
                yield return Diagnostic.Create(Diagnostics.Template, attribute.Place(setting, cancellation), setting, method.Name, error);
        }

        if (attribute.Setting("RetryIf") is { Value: string name } && RetryIfProblem(marked, name) is { } retryIf)
            yield return Diagnostic.Create(Diagnostics.RetryIf, attribute.Place("RetryIf", cancellation), method.Name, name, retryIf);
    }

    private static string? Problem(string setting, TypedConstant value, Reach reach)
    {
        switch (setting)
        {
            case "Retries" when value.Value is < 0:
                return $"{value.Value} is less than 0";
            case "Jitter" when value.Value is not (>= 0.0 and <= 1.0):
                return $"{Literal.Of(value.Value is double number ? number : 0).TrimEnd('D')} is not between 0 and 1";
            case "Backoff" when value.Value is string text && !Backoff.TryParse(text, out _, out var error):
                return error;
            case "Timeout" or "TotalTimeout" or "Cache" when value.Value is string text && !Duration.TryParse(text, out _, out var error):
                return $"'{text}' is not a duration: {error}; write '30s', '1h30m'";
            case "KeepFor" or "KeepFailedFor" or "KeepOnceFor" when value.Value is string text:
                return !Duration.TryParse(text, out var kept, out var wrong) ? $"'{text}' is not a duration: {wrong}; write '7d', '12h'"
                    : kept < TimeSpan.FromMinutes(1) ? $"'{text}' is shorter than 1 minute"
                    : null;
            case "Keep" or "KeepFailed" when value.Value is < 1:
                return $"{value.Value} is less than 1";
            case "Limit" when value.Value is string limit:
                return LimitProblem(limit);
            case "LimitWeight" when value.Value is not (>= 1 and <= 1_000_000):
                return $"{value.Value} is not between 1 and 1,000,000";
            case "MemoryLimit" when value.Value is string text && !MemorySize.TryParse(text, out _, out var error):
                return $"'{text}' is not a size of memory: {error}; write '512 MiB', '2 GiB'";
            case "RetryOn" or "NoRetryOn" when !value.IsNull:
                return value.Values.Select(item => ExceptionProblem(item.Value as ITypeSymbol, reach)).FirstOrDefault(p => p is not null);
            default:
                return null;
        }
    }

    /// <summary>What is wrong with the name of a limit; null when nothing is.</summary>
    internal static string? LimitProblem(string name) =>
        string.IsNullOrWhiteSpace(name) ? "the name of a limit is not empty"
        : name.Length > 200 ? $"the name of a limit has 200 characters at the most, and this has {name.Length}"
        : null;

    // Without a limit these would do nothing, and nobody would notice.
    private static string? LackOfLimit(string setting, AttributeData attribute) =>
        setting is "LimitKey" or "LimitWeight" && attribute.Setting("Limit") is null ? "there is no Limit that it is for" : null;

    private static string? ExceptionProblem(ITypeSymbol? type, Reach reach)
    {
        if (type is null)
            return null;
        for (var at = type; ; at = at.BaseType)
        {
            if (at is null)
                return type.TypeKind == TypeKind.Interface ? null : $"'{TypeName.ForPeople(type)}' is not an exception";
            if (at is { Name: "Exception", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } })
                break;
        }

        return reach.Obstacle(type) is null ? null : $"'{TypeName.ForPeople(type)}' is not accessible to the rest of the assembly; make it internal";
    }

    private static string? RetryIfProblem(Marked marked, string name)
    {
        var type = marked.Declaration.ContainingType;
        if (RetryCondition.Find(marked.Declaration, name) is null)
            return $"'{type.Name}' has no method 'static bool {name}(Exception)'";
        if (TypeParameters.OfType(type).Count > 0)
            return $"'{type.Name}' is generic, and a condition cannot be; move it to a type that is not";
        return type.IsFileLocal ? $"'{type.Name}' is visible in its file only; remove 'file'" : null;
    }
}
