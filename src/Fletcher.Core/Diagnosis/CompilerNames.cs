using System.Text.RegularExpressions;

namespace Fletcher.Diagnosis;

/// <summary>
/// Gives the names back that stand in the source. The C# compiler moves async methods, iterators, lambdas and local
/// functions into members whose names hold the original one between angle brackets; the forms are those of Roslyn's
/// GeneratedNames and GeneratedNameKind.
/// </summary>
internal static partial class CompilerNames
{
    /// <summary>Splits <c>Namespace.Type.Method[T]</c> into type and method, both as they stand in the source.</summary>
    internal static (string Type, string Method) Demangle(string member)
    {
        var parts = Split(FileLocal().Replace(member.Trim(), ""));
        var method = parts[^1];
        var types = parts.GetRange(0, parts.Count - 1);

        // A state machine's type is named after its method, and MoveNext says nothing.
        if (method == "MoveNext" && types.Count > 0 && types[^1].StartsWith('<'))
        {
            method = types[^1];
            types.RemoveAt(types.Count - 1);
        }

        // Closures: their methods' names say which member the lambda stands in.
        types.RemoveAll(static t => t.StartsWith("<>c", StringComparison.Ordinal));
        var type = string.Join('.', types.Select(static t => GenericArity().Replace(t, "")));
        return (type, method switch
        {
            "ctor" => "new",
            "cctor" => "static constructor",
            _ => Original(GenericArguments().Replace(method, "")),
        });
    }

    private static string Original(string name)
    {
        if (!name.StartsWith('<') || Closing(name) is var close && close < 0)
            return name;

        var inner = Original(name[1..close]);
        var kind = name[(close + 1)..];
        // The entry point of top-level statements is "<Main>$": the dollar is all there is behind it.
        if (kind is "" or "$")
            return inner;

        return kind[0] switch
        {
            'b' => inner.EndsWith("(lambda)", StringComparison.Ordinal) ? inner : inner + " (lambda)",
            'g' when LocalFunction().Match(kind) is { Success: true } local => inner + "." + local.Groups[1].Value,
            _ => inner,
        };
    }

    private static int Closing(string name)
    {
        var depth = 0;
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '<')
                depth++;
            else if (name[i] == '>' && --depth == 0)
                return i;
        }
        return -1;
    }

    // Dots and plus signs separate, except within angle and square brackets.
    private static List<string> Split(string member)
    {
        var parts = new List<string>();
        int depth = 0, start = 0;
        for (var i = 0; i < member.Length; i++)
        {
            switch (member[i])
            {
                case '<' or '[':
                    depth++;
                    break;
                case '>' or ']':
                    depth--;
                    break;
                case '.' or '+' when depth == 0 && i > start:
                    parts.Add(member[start..i]);
                    start = i + 1;
                    break;
                case '.' when depth == 0:
                    start = i + 1; // the second dot of "Type..ctor"
                    break;
            }
        }
        parts.Add(member[start..]);
        return parts;
    }

    [GeneratedRegex(@"`\d+(\[.*\])?$", RegexOptions.CultureInvariant)]
    private static partial Regex GenericArity();

    [GeneratedRegex(@"(`\d+)?\[.*\]$", RegexOptions.CultureInvariant)]
    private static partial Regex GenericArguments();

    [GeneratedRegex(@"^g__(.+?)\|", RegexOptions.CultureInvariant)]
    private static partial Regex LocalFunction();

    // A file-local type: "<billing>F6B0…__Billing", with the hash of the file's path.
    [GeneratedRegex(@"<[^<>]*>F[0-9A-F]{64}__", RegexOptions.CultureInvariant)]
    private static partial Regex FileLocal();
}
