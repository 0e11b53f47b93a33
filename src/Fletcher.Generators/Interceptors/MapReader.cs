using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Fletcher.Generators.Interceptors;

/// <summary>Reads <c>Flow.Map(items, SomeStep)</c>, the one place where a step may be given as a method group.</summary>
internal static class MapReader
{
    internal static (MethodModel Method, MapModel Map)? Read(
        InvocationExpressionSyntax call, SemanticModel model, CancellationToken cancellation)
    {
        if (model.GetSymbolInfo(call, cancellation).Symbol is not IMethodSymbol map || !IsMap(map)
            || model.GetOperation(call, cancellation) is not IInvocationOperation operation
            || Body(operation) is not { } body
            || Marked.Find(body.Method) is not { } marked)
            return null;

        var reach = new Reach(model.Compilation);
        if (IsOpen(map) || IsOpen(body.Method)
            || map.TypeArguments.Concat(AllTypeArguments(body.Method)).Any(t => reach.Obstacle(t) is not null)
            || body.Syntax is MemberAccessExpressionSyntax { Expression: BaseExpressionSyntax }
            || new MethodReader(model.Compilation).Read(marked, out _) is not { } method)
            return null;

        // The engine returns what the step returns; a body that the delegate's variance made fit is not that.
        var shape = ReturnShape.Of(body.Method);
        var result = map.TypeArguments.Length == 2 ? map.TypeArguments[1] : null;
        if (shape.Kind == ReturnKind.Sequence || !SymbolEqualityComparer.Default.Equals(shape.Result, result))
            return null;

        var arguments = AllTypeArguments(body.Method).Select(TypeName.Of).ToArray();
        return (method, new MapModel(
            TypeName.Of(map.TypeArguments[0]),
            result is null ? "global::Fletcher.Nothing" : TypeName.Of(result),
            TypeName.Of(map.Parameters[1].Type),
            map.TypeArguments.Select(TypeName.Of).ToEquatableArray(),
            arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments)}>",
            Target(body, map)));
    }

    /// <summary>Whether it is one of the methods <c>Fletcher.Flow.Map</c>.</summary>
    internal static bool IsMap(IMethodSymbol method) =>
        method is { Name: "Map", IsStatic: true, ContainingType: { } type } && Marked.IsFletcher(type, "Flow") && method.Parameters.Length == 4;

    private static IMethodReferenceOperation? Body(IInvocationOperation map) => map.Arguments
        .FirstOrDefault(a => a.Parameter?.Name == "body")?.Value is IDelegateCreationOperation { Target: IMethodReferenceOperation body }
            ? body
            : null;

    // The object that the delegate holds: a receiver, or the first argument of an extension method.
    private static string? Target(IMethodReferenceOperation body, IMethodSymbol map)
    {
        var method = body.Method.ReducedFrom ?? body.Method;
        if (!method.IsStatic)
            return TypeName.Of(method.ContainingType);
        var given = ((INamedTypeSymbol)map.Parameters[1].Type).DelegateInvokeMethod!.Parameters.Length;
        return method.Parameters.Length > given ? TypeName.Of(method.Parameters[0].Type) : null;
    }

    private static List<ITypeSymbol> AllTypeArguments(IMethodSymbol method)
    {
        var arguments = new List<ITypeSymbol>(method.TypeArguments);
        for (var type = method.ContainingType; type is not null; type = type.ContainingType)
            arguments.InsertRange(0, type.TypeArguments);
        return arguments;
    }

    private static bool IsOpen(IMethodSymbol method) => AllTypeArguments(method).Any(IsOpen);

    private static bool IsOpen(ITypeSymbol type) => type switch
    {
        ITypeParameterSymbol => true,
        IArrayTypeSymbol array => IsOpen(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.Any(IsOpen) || (named.ContainingType is { } outer && IsOpen(outer)),
        _ => false,
    };
}
