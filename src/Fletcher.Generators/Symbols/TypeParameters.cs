using System.Text;
using Fletcher.Generators.Interceptors;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Symbols;

/// <summary>Type parameters as generated code repeats them.</summary>
internal static class TypeParameters
{
    /// <summary>Those of the type and of all types around it, outermost first.</summary>
    internal static IReadOnlyList<ITypeParameterSymbol> OfType(INamedTypeSymbol type)
    {
        var all = new List<ITypeParameterSymbol>();
        for (var at = type; at is not null; at = at.ContainingType)
            all.InsertRange(0, at.TypeParameters);
        return all;
    }

    internal static TypeParametersModel Read(IMethodSymbol method)
    {
        var ofType = OfType(method.ContainingType);
        return new TypeParametersModel(
            ofType.Select(Name).ToEquatableArray(),
            method.TypeParameters.Select(Name).ToEquatableArray(),
            string.Concat(ofType.Select(Constraints)),
            string.Concat(method.TypeParameters.Select(Constraints)));
    }

    private static string Name(ITypeParameterSymbol parameter) => TypeName.NotNull(parameter);

    private static string Constraints(ITypeParameterSymbol parameter)
    {
        var parts = new List<string>();
        if (parameter.HasUnmanagedTypeConstraint)
            parts.Add("unmanaged");
        else if (parameter.HasValueTypeConstraint)
            parts.Add("struct");
        else if (parameter.HasReferenceTypeConstraint)
            parts.Add(parameter.ReferenceTypeConstraintNullableAnnotation == NullableAnnotation.Annotated ? "class?" : "class");
        else if (parameter.HasNotNullConstraint)
            parts.Add("notnull");
        parts.AddRange(parameter.ConstraintTypes.Select(TypeName.Of));
        if (parameter.HasConstructorConstraint)
            parts.Add("new()");
        return parts.Count == 0 ? "" : new StringBuilder(" where ").Append(Name(parameter)).Append(" : ").Append(string.Join(", ", parts)).ToString();
    }
}
