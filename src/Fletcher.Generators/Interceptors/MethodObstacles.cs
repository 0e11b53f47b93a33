using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Interceptors;

/// <summary>What keeps generated code from calling a method. Nothing is generated that might not compile.</summary>
internal static class MethodObstacles
{
    internal static Obstacle? Find(IMethodSymbol method, Reach reach)
    {
        var type = method.ContainingType;
        if (method.MethodKind != MethodKind.Ordinary)
            return new Obstacle("it is a local function", IsOfDeclaration: true);
        if (type is null or { IsExtension: true })
            return new Obstacle("it is declared in an extension block; declare it as a method with 'this'");
        if (method.IsStatic && (method.IsAbstract || method.IsVirtual))
            return new Obstacle("it is a static member of an interface");
        if (method.RefKind != RefKind.None || method.IsVararg || method.Parameters.Any(p => p.RefKind != RefKind.None || p.Type.IsRefLikeType))
            return new Obstacle("it has ref parameters", IsOfDeclaration: true);
        if (method.ReturnType.IsRefLikeType || (type.IsRefLikeType && !method.IsStatic))
            return new Obstacle("it returns, or belongs to, a ref struct", IsOfDeclaration: true);

        var typeParameters = TypeParameters.OfType(type).Concat(method.TypeParameters).ToArray();
        if (typeParameters.Any(p => p.AllowsRefLikeType))
            return new Obstacle("a type parameter allows ref structs", IsOfDeclaration: true);
        if (typeParameters.Select(p => p.Name).Distinct().Count() != typeParameters.Length)
            return new Obstacle("two of its type parameters have the same name");

        // A static method needs no word for its type: an accessor finds that by its name in the assembly.
        IEnumerable<ITypeSymbol> types = method.Parameters.Select(p => p.Type)
            .Append(method.ReturnType)
            .Concat(typeParameters.SelectMany(p => p.ConstraintTypes));
        if (!method.IsStatic || type.IsFileLocal)
            types = types.Prepend(type);
        return types.Select(reach.Obstacle).FirstOrDefault(o => o is not null) is { } hidden
            ? new Obstacle($"the type '{TypeName.ForPeople(hidden)}' is not accessible to the rest of the assembly; make it internal")
            : null;
    }
}
