using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fletcher.Generators.Interceptors;

/// <summary>Where a call stands.</summary>
internal static class CallContext
{
    /// <summary>The simple name of what is called; null where there is none, as in <c>f()()</c>.</summary>
    internal static SimpleNameSyntax? Name(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberAccessExpressionSyntax access => access.Name,
        MemberBindingExpressionSyntax binding => binding.Name,
        SimpleNameSyntax name => name,
        _ => null,
    };

    /// <summary>The member whose body has the call; lambdas and local functions belong to the member around them.</summary>
    internal static string Member(SyntaxNode call, SemanticModel model, CancellationToken cancellation)
    {
        var symbol = model.GetEnclosingSymbol(call.SpanStart, cancellation);
        while (symbol is IMethodSymbol { MethodKind: MethodKind.AnonymousFunction or MethodKind.LocalFunction })
            symbol = symbol.ContainingSymbol;
        return symbol?.GetDocumentationCommentId() ?? symbol?.ToDisplayString() ?? "";
    }

    /// <summary>
    /// Whether it is <c>base.M()</c> on a virtual method. Its replacement could only call <c>M</c> virtually: the override that
    /// makes the call would call itself without end.
    /// </summary>
    internal static bool IsBaseCall(InvocationExpressionSyntax call, IMethodSymbol method) =>
        call.Expression is MemberAccessExpressionSyntax { Expression: BaseExpressionSyntax }
        && (method.IsVirtual || method.IsOverride || method.IsAbstract);

    /// <summary>Whether the code there is not run but read, as in <c>query.Where(x => Step(x))</c> of a database.</summary>
    internal static bool IsInExpressionTree(SyntaxNode call, SemanticModel model, CancellationToken cancellation)
    {
        for (var node = call.Parent; node is not null and not MemberDeclarationSyntax; node = node.Parent)
        {
            if (node is LambdaExpressionSyntax && IsExpression(model.GetTypeInfo(node, cancellation).ConvertedType))
                return true;
            if (node is QueryClauseSyntax clause
                && model.GetQueryClauseInfo(clause, cancellation).OperationInfo.Symbol is IMethodSymbol operation
                && operation.Parameters.Any(p => IsExpression(p.Type)))
                return true;
            if (node is SelectOrGroupClauseSyntax
                && model.GetSymbolInfo(node, cancellation).Symbol is IMethodSymbol select
                && select.Parameters.Any(p => IsExpression(p.Type)))
                return true;
        }

        return false;
    }

    private static bool IsExpression(ITypeSymbol? type) =>
        type is { Name: "Expression", ContainingNamespace: { Name: "Expressions", ContainingNamespace.Name: "Linq" } };
}
