using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fletcher.Generators.Analyzers;

/// <summary>Places in the source of an attribute.</summary>
internal static class AttributeSyntaxes
{
    /// <summary>The value that is given to a setting, or the attribute when there is none.</summary>
    internal static Location? Place(this AttributeData attribute, string setting, CancellationToken cancellation)
    {
        var syntax = attribute.ApplicationSyntaxReference?.GetSyntax(cancellation) as AttributeSyntax;
        var argument = syntax?.ArgumentList?.Arguments.FirstOrDefault(a => a.NameEquals?.Name.Identifier.ValueText == setting);
        return (argument?.Expression ?? (SyntaxNode?)syntax)?.GetLocation();
    }

    /// <summary>The value of a setting; null when it is not given.</summary>
    internal static TypedConstant? Setting(this AttributeData attribute, string name)
    {
        foreach (var argument in attribute.NamedArguments)
        {
            if (argument.Key == name)
                return argument.Value;
        }

        return null;
    }
}
