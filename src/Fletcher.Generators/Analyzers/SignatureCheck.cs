using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Analyzers;

/// <summary>A step's arguments must outlive its caller's stack frame, and its end must be known.</summary>
internal static class SignatureCheck
{
    internal static IEnumerable<Diagnostic> Of(Marked marked, CancellationToken cancellation)
    {
        var method = marked.Method;
        var kind = marked.IsFlow ? "flow" : "step";
        foreach (var parameter in method.Parameters)
        {
            if (Obstacle(parameter) is { } obstacle)
                yield return Diagnostic.Create(Diagnostics.Reference, parameter.Locations[0], method.Name, kind, obstacle);
        }

        if (method.RefKind != RefKind.None)
            yield return Diagnostic.Create(Diagnostics.Reference, method.Locations[0], method.Name, kind, "it returns a reference");
        else if (IsOnStack(method.ReturnType))
            yield return Diagnostic.Create(Diagnostics.Reference, method.Locations[0], method.Name, kind, $"it returns '{TypeName.ForPeople(method.ReturnType)}', which lives on the stack");
        if (!method.IsStatic && method.ContainingType.IsRefLikeType)
            yield return Diagnostic.Create(Diagnostics.Reference, method.Locations[0], method.Name, kind, $"'{method.ContainingType.Name}' is a ref struct");
        if (method is { IsAsync: true, ReturnsVoid: true })
            yield return Diagnostic.Create(Diagnostics.AsyncVoid, method.Locations[0], method.Name);
        if (marked.IsFlow && method.GetAttributes().FirstOrDefault(a => a.AttributeClass is { } type && Marked.IsFletcher(type, "StepAttribute")) is { } step)
            yield return Diagnostic.Create(Diagnostics.StepAndFlow, step.ApplicationSyntaxReference?.GetSyntax(cancellation).GetLocation(), method.Name);
    }

    private static string? Obstacle(IParameterSymbol parameter) => parameter switch
    {
        { RefKind: RefKind.Ref or RefKind.RefReadOnlyParameter } => $"'{parameter.Name}' is passed by ref",
        { RefKind: RefKind.Out } => $"'{parameter.Name}' is an out parameter",
        { RefKind: RefKind.In } => $"'{parameter.Name}' is passed by in",
        _ when IsOnStack(parameter.Type) => $"'{parameter.Name}' is a '{TypeName.ForPeople(parameter.Type)}', which lives on the stack",
        _ => null,
    };

    private static bool IsOnStack(ITypeSymbol type) =>
        type.IsRefLikeType || type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer || type is ITypeParameterSymbol { AllowsRefLikeType: true };
}
