using System.Text;

namespace Fletcher.Generators.Templates;

/// <summary>A piece of a template: text, or a hole with a path and perhaps a format.</summary>
internal readonly record struct TemplatePart(string Text, string? Format, bool IsHole);

/// <summary>Reads <c>"invoice {order.Id:D5}"</c> into its pieces. Braces are doubled to be text.</summary>
internal static class Template
{
    /// <summary>The pieces, or in <paramref name="error"/> what is wrong.</summary>
    internal static IReadOnlyList<TemplatePart>? Parse(string template, out string error)
    {
        error = "";
        var parts = new List<TemplatePart>();
        var text = new StringBuilder();
        for (var i = 0; i < template.Length; i++)
        {
            var c = template[i];
            if (c is not ('{' or '}'))
            {
                text.Append(c);
            }
            else if (i + 1 < template.Length && template[i + 1] == c)
            {
                text.Append(c);
                i++;
            }
            else if (c == '}')
            {
                error = $"the '}}' at position {i + 1} closes nothing; write '}}}}' for a brace";
                return null;
            }
            else
            {
                var end = template.IndexOf('}', i);
                if (end < 0)
                {
                    error = $"the '{{' at position {i + 1} is not closed; write '{{{{' for a brace";
                    return null;
                }

                if (text.Length > 0)
                    parts.Add(new TemplatePart(text.ToString(), null, IsHole: false));
                text.Clear();
                parts.Add(Hole(template.Substring(i + 1, end - i - 1)));
                i = end;
            }
        }

        if (text.Length > 0)
            parts.Add(new TemplatePart(text.ToString(), null, IsHole: false));
        return parts;
    }

    private static TemplatePart Hole(string inner)
    {
        var colon = inner.IndexOf(':');
        return colon < 0
            ? new TemplatePart(inner.Trim(), null, IsHole: true)
            : new TemplatePart(inner.Substring(0, colon).Trim(), inner.Substring(colon + 1), IsHole: true);
    }
}
