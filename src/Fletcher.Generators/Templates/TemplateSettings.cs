using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Templates;

/// <summary>The settings of the attributes that are templates.</summary>
internal static class TemplateSettings
{
    /// <summary>Each with the method of a call that renders it.</summary>
    internal static readonly (string Setting, string Method)[] All =
        [("Name", "RenderName"), ("Key", "RenderKey"), ("Target", "RenderTarget"), ("Once", "RenderOnce"), ("LimitKey", "RenderLimitKey")];

    internal static string? Text(AttributeData attribute, string setting)
    {
        foreach (var argument in attribute.NamedArguments)
        {
            if (argument.Key == setting)
                return argument.Value.Value as string;
        }

        return null;
    }
}
