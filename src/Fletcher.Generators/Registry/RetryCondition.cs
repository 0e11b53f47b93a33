using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Registry;

/// <summary>The method that <c>RetryIf</c> names.</summary>
internal static class RetryCondition
{
    /// <summary>The static method <c>bool (Exception)</c> of this name in the declaring type; null when there is none.</summary>
    internal static IMethodSymbol? Find(IMethodSymbol step, string name) => step.ContainingType.GetMembers(name)
        .OfType<IMethodSymbol>()
        .FirstOrDefault(m => m is { IsStatic: true, MethodKind: MethodKind.Ordinary, TypeParameters.Length: 0, Parameters.Length: 1 }
            && m.ReturnType.SpecialType == SpecialType.System_Boolean
            && m.Parameters[0].RefKind == RefKind.None
            && m.Parameters[0].Type is { Name: "Exception", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } });

    /// <summary>A delegate expression; null when there is no such method, or no way to it.</summary>
    internal static string? Read(Marked marked, string? name, Reach reach)
    {
        if (name is null || Find(marked.Declaration, name) is not { } method)
            return null;
        var type = method.ContainingType;
        // A definition is not generic, so the method of a generic type has no one type to be called on.
        if (type.IsFileLocal || TypeParameters.OfType(type).Count > 0)
            return null;
        if (reach.CanCall(method))
            return $"static exception => {TypeName.Of(type)}.@{method.Name}(exception)";
        return $"static exception => {{ [global::System.Runtime.CompilerServices.UnsafeAccessor("
            + $"global::System.Runtime.CompilerServices.UnsafeAccessorKind.StaticMethod, Name = {Literal.Of(method.Name)})] "
            + "static extern bool Condition([global::System.Runtime.CompilerServices.UnsafeAccessorType("
            + $"{Literal.Of(TypeName.ForReflection(type, ""))})] object type, global::System.Exception exception); "
            + "return Condition(null, exception); }";
    }
}
