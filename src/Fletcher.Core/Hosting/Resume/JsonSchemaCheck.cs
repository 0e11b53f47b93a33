using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fletcher.Engine;

namespace Fletcher.Hosting;

/// <summary>
/// Says where a JSON value does not fit a schema. It knows the keywords that schemas here are made of: those of
/// <see cref="System.Text.Json.Schema.JsonSchemaExporter"/> for questions and those of the generator for parameters. Others are taken for remarks, as the standard
/// (draft 2020-12) says of unknown ones. (docs/decisions/009)
/// </summary>
internal sealed class JsonSchemaCheck
{
    private const int MostErrors = 10;

    // A schema may refer to itself; data is never that deep.
    private const int MostDepth = 512;
    private static readonly TimeSpan PatternLimit = TimeSpan.FromSeconds(1);

    private readonly JsonElement _root;
    private readonly List<string> _errors = [];

    private JsonSchemaCheck(JsonElement root) => _root = root;

    /// <summary>Where the value does not fit, a sentence each without a full stop, ten at the most; none when it does.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="json">The value in UTF-8.</param>
    internal static IReadOnlyList<string> Find(string schema, ReadOnlyMemory<byte> json)
    {
        using var rules = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = MostDepth });
        using var value = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MostDepth });
        var check = new JsonSchemaCheck(rules.RootElement);
        check.Visit(rules.RootElement, value.RootElement, "", 0);
        return check._errors;
    }

    private void Visit(JsonElement schema, JsonElement value, string path, int depth)
    {
        if (_errors.Count >= MostErrors || depth > MostDepth)
            return;
        if (schema.ValueKind == JsonValueKind.False)
            Add(path, "must not be there");
        if (schema.ValueKind != JsonValueKind.Object || ValueCodec.IsProtected(value)) // what is encrypted was checked before
            return;
        if (IsSecret(schema))
        {
            // Without the value: it may be the text of the secret.
            if (!IsSecret(value))
                Add(path, "must be a secret by its name, {\"$secret\":\"name\"}, never by its text");
            return;
        }

        if (schema.TryGetProperty("$ref", out var reference) && Resolve(reference.GetString()!) is { } target)
            Visit(target, value, path, depth + 1);
        if (schema.TryGetProperty("type", out var type) && !IsOfType(type, value))
        {
            Add(path, $"must be {Names(type)} and is {Describe(value)}");
            return;
        }

        VisitChoices(schema, value, path, depth);
        if (value.ValueKind == JsonValueKind.Object)
            VisitMembers(schema, value, path, depth);
        else if (value.ValueKind == JsonValueKind.Array)
            VisitItems(schema, value, path, depth);
        else if (value.ValueKind == JsonValueKind.String)
            VisitText(schema, value.GetString()!, path);
        else if (value.ValueKind == JsonValueKind.Number)
            VisitNumber(schema, value, path);
    }

    /// <summary>Whether this is a secret by its name, or, of a schema, whether it asks for one.</summary>
    private static bool IsSecret(JsonElement json) => json.ValueKind == JsonValueKind.Object
        && ((json.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty("$secret", out _))
            || (json.TryGetProperty("$secret", out var name) && name.ValueKind == JsonValueKind.String && json.GetPropertyCount() == 1));

    private void VisitChoices(JsonElement schema, JsonElement value, string path, int depth)
    {
        if (schema.TryGetProperty("enum", out var values) && !values.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
            Add(path, $"must be one of {string.Join(", ", values.EnumerateArray().Select(one => one.GetRawText()))} and is {Describe(value)}");
        if (schema.TryGetProperty("const", out var constant) && !JsonElement.DeepEquals(constant, value))
            Add(path, $"must be {constant.GetRawText()} and is {Describe(value)}");
        if (schema.TryGetProperty("not", out var not) && Fits(not, value, depth))
            Add(path, $"must not be {Describe(value)}");
        if (!schema.TryGetProperty("anyOf", out var choices) || choices.EnumerateArray().Any(choice => Fits(choice, value, depth)))
            return;

        // "This or null" is by far the most frequent: then what is wrong with "this" is what is wrong.
        var real = choices.EnumerateArray().Where(choice => !IsNull(choice)).ToList();
        if (real.Count == 1)
            Visit(real[0], value, path, depth + 1);
        else
            Add(path, $"fits none of the {choices.GetArrayLength()} forms that it may have and is {Describe(value)}");
    }

    private void VisitMembers(JsonElement schema, JsonElement value, string path, int depth)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray())
            {
                if (!value.TryGetProperty(name.GetString()!, out _))
                    Add(Below(path, name.GetString()!), "is missing");
            }
        }

        var isKnown = schema.TryGetProperty("properties", out var properties);
        var isLimited = schema.TryGetProperty("additionalProperties", out var others);
        foreach (var member in value.EnumerateObject())
        {
            if (isKnown && properties.TryGetProperty(member.Name, out var rule))
                Visit(rule, member.Value, Below(path, member.Name), depth + 1);
            else if (isLimited && others.ValueKind == JsonValueKind.False)
                Add(Below(path, member.Name), $"is unknown; there are {(isKnown ? string.Join(", ", properties.EnumerateObject().Select(known => known.Name)) : "none")}");
            else if (isLimited)
                Visit(others, member.Value, Below(path, member.Name), depth + 1);
        }
    }

    private void VisitItems(JsonElement schema, JsonElement value, string path, int depth)
    {
        if (!schema.TryGetProperty("items", out var items))
            return;
        var index = 0;
        foreach (var item in value.EnumerateArray())
            Visit(items, item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"), depth + 1);
    }

    private void VisitText(JsonElement schema, string text, string path)
    {
        if (schema.TryGetProperty("minLength", out var least) && text.Length < least.GetInt32())
            Add(path, $"must have {least.GetInt32()} characters or more and has {text.Length}");
        if (schema.TryGetProperty("maxLength", out var most) && text.Length > most.GetInt32())
            Add(path, $"must have {most.GetInt32()} characters or fewer and has {text.Length}");
        if (schema.TryGetProperty("pattern", out var pattern) && !IsMatch(pattern.GetString()!, text))
            Add(path, $"must have the form {pattern.GetString()} and is '{Cut(text)}'");
        if (schema.TryGetProperty("format", out var format) && !IsFormat(format.GetString()!, text))
            Add(path, $"must be a {format.GetString()} and is '{Cut(text)}'");
        if (schema.TryGetProperty("contentEncoding", out var encoding) && encoding.GetString() == "base64" && !IsBase64(text))
            Add(path, $"must be base64 and is '{Cut(text)}'");
    }

    private void VisitNumber(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("minimum", out var least) && value.GetDouble() < least.GetDouble())
            Add(path, $"must be {least.GetRawText()} or more and is {Describe(value)}");
        if (schema.TryGetProperty("maximum", out var most) && value.GetDouble() > most.GetDouble())
            Add(path, $"must be {most.GetRawText()} or less and is {Describe(value)}");
    }

    private bool Fits(JsonElement schema, JsonElement value, int depth)
    {
        var check = new JsonSchemaCheck(_root);
        check.Visit(schema, value, "", depth + 1);
        return check._errors.Count == 0;
    }

    /// <summary>What a reference within the schema leads to: <c>#</c> or a JSON pointer.</summary>
    private JsonElement? Resolve(string reference)
    {
        if (!reference.StartsWith('#'))
            return null;
        var found = _root;
        foreach (var part in reference.Split('/').Skip(1))
        {
            var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (found.ValueKind == JsonValueKind.Object && found.TryGetProperty(name, out var member))
                found = member;
            else if (found.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < found.GetArrayLength())
                found = found[index];
            else
                return null;
        }

        return found;
    }

    private static bool IsOfType(JsonElement type, JsonElement value) => type.ValueKind == JsonValueKind.Array
        ? type.EnumerateArray().Any(one => IsOfType(one, value))
        : type.GetString() switch
        {
            "string" => value.ValueKind == JsonValueKind.String,
            "number" => value.ValueKind == JsonValueKind.Number,
            // Not 1.0, which is an integer to the standard and none to System.Text.Json.
            "integer" => value.ValueKind == JsonValueKind.Number && !value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E'),
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "null" => value.ValueKind == JsonValueKind.Null,
            "array" => value.ValueKind == JsonValueKind.Array,
            "object" => value.ValueKind == JsonValueKind.Object,
            _ => true,
        };

    private static bool IsNull(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "null";

    private static bool IsMatch(string pattern, string text)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, PatternLimit);
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static bool IsFormat(string format, string text) => format switch
    {
        "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "time" => TimeOnly.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "uuid" => Guid.TryParseExact(text, "D", out _),
        _ => true,
    };

    private static bool IsBase64(string text) => Convert.TryFromBase64String(text, new byte[(text.Length / 4 * 3) + 3], out _);

    private static string Names(JsonElement type) => type.ValueKind == JsonValueKind.Array
        ? string.Join(" or ", type.EnumerateArray().Select(one => one.GetString()))
        : type.GetString()!;

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        _ => Cut(value.GetRawText()),
    };

    private static string Cut(string text) => text.Length > 80 ? text[..80] + "…" : text;

    private static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private void Add(string path, string what) => _errors.Add(path.Length == 0 ? $"the value {what}" : $"'{path}' {what}");
}
