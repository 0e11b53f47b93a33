using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fletcher.Generators.Registry;

/// <summary>What a method's own source says: its version, and its documentation.</summary>
internal static class SourceText
{
    /// <summary>
    /// A hash of signature and body without comments and white space; null without a body. Attributes and modifiers are left
    /// out: another retry policy, or another visibility, is no other code.
    /// </summary>
    internal static string? Hash(MethodDeclarationSyntax method)
    {
        if (method.Body is null && method.ExpressionBody is null)
            return null;
        var text = new StringBuilder();
        foreach (var token in method.DescendantTokens(node => node is not AttributeListSyntax list || list.Parent != method))
        {
            if (!method.Modifiers.Contains(token))
                text.Append(token.Text).Append('\0');
        }

        return StableHash.Text(text.ToString());
    }

    /// <summary>The summary of the documentation comment in plain text; null without one.</summary>
    /// <remarks>Read from the comment's text: compilers that write no documentation file do not parse such comments.</remarks>
    internal static string? Summary(MethodDeclarationSyntax method)
    {
        var lines = method.GetLeadingTrivia().ToFullString().Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.StartsWith("///", StringComparison.Ordinal))
            .Select(line => line.Substring(3));
        try
        {
            var summary = XElement.Parse($"<doc>{string.Join("\n", lines)}</doc>").Element("summary");
            var text = summary is null ? "" : Regex.Replace(string.Concat(summary.Nodes().Select(Text)), @"\s+", " ").Trim();
            return text.Length == 0 ? null : text;
        }
        catch (System.Xml.XmlException)
        {
            return null;
        }
    }

    private static string Text(XNode node)
    {
        if (node is XText text)
            return text.Value;
        if (node is not XElement element)
            return "";
        if (!element.IsEmpty)
            return string.Concat(element.Nodes().Select(Text));
        var reference = (string?)element.Attribute("cref") ?? (string?)element.Attribute("name") ?? (string?)element.Attribute("langword") ?? "";
        return reference.Split('(')[0].Split('.', ':').Last();
    }
}
