using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fletcher.CodeFixes;

/// <summary>Whether a local function uses what is declared around it, and so cannot leave its place.</summary>
internal static class Captures
{
    internal static bool Any(LocalFunctionStatementSyntax function, SemanticModel model, CancellationToken cancellation) => function
        .DescendantNodes()
        .OfType<SimpleNameSyntax>()
        .Select(name => model.GetSymbolInfo(name, cancellation).Symbol)
        .Any(symbol => symbol is not null && IsLocal(symbol) && !IsWithin(symbol, function));

    private static bool IsLocal(ISymbol symbol) => symbol
        is ILocalSymbol or IParameterSymbol or IRangeVariableSymbol or IMethodSymbol { MethodKind: MethodKind.LocalFunction }
        or ITypeParameterSymbol { DeclaringMethod: not null };

    private static bool IsWithin(ISymbol symbol, SyntaxNode function) => symbol.DeclaringSyntaxReferences.Length == 0
        || symbol.DeclaringSyntaxReferences.Any(r => r.SyntaxTree == function.SyntaxTree && function.Span.Contains(r.Span));
}
