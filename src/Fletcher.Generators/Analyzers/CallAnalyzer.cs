using System.Collections.Immutable;
using Fletcher.Generators.Interceptors;
using Fletcher.Generators.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Fletcher.Generators.Analyzers;

/// <summary>Looks at calls of steps and flows: those that the generator leaves alone, and those that are likely to be mistakes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CallAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [Diagnostics.BaseCall, Diagnostics.Unreachable, Diagnostics.ExpressionTree, Diagnostics.StaticConstruction, Diagnostics.NotAwaited];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterOperationAction(Analyze, OperationKind.Invocation);
    }

    private static void Analyze(OperationAnalysisContext context)
    {
        var operation = (IInvocationOperation)context.Operation;
        if (operation.Syntax is not InvocationExpressionSyntax call
            || CallContext.Name(call) is not { } name
            || !StepNames.Contains(context.Compilation, name.Identifier.ValueText)
            || Marked.Find(operation.TargetMethod) is not { } marked)
            return;

        if (NotIntercepted(call, operation, marked, context) is { } left)
            context.ReportDiagnostic(left);
        if (StaticInitialisation(operation, context.ContainingSymbol) is { } type)
            context.ReportDiagnostic(Diagnostic.Create(Diagnostics.StaticConstruction, name.GetLocation(), marked.Method.Name, type.Name));
        if (ReturnShape.Of(marked.Method).IsAwaitable && IsDropped(call))
            context.ReportDiagnostic(Diagnostic.Create(Diagnostics.NotAwaited, call.GetLocation(), marked.Method.Name));
    }

    private static Diagnostic? NotIntercepted(
        InvocationExpressionSyntax call, IInvocationOperation operation, Marked marked, OperationAnalysisContext context)
    {
        var place = CallContext.Name(call)!.GetLocation();
        var method = operation.TargetMethod;
        if (CallContext.IsBaseCall(call, method))
            return IsOverrideOf(context.ContainingSymbol, method)
                ? null
                : Diagnostic.Create(Diagnostics.BaseCall, place, method.Name, marked.IsFlow ? "flow" : "step");
        if (operation.SemanticModel is { } model && CallContext.IsInExpressionTree(call, model, context.CancellationToken))
            return Diagnostic.Create(Diagnostics.ExpressionTree, place, method.Name);
        return MethodObstacles.Find(marked.Method, new Reach(context.Compilation)) is { IsOfDeclaration: false } obstacle
            ? Diagnostic.Create(Diagnostics.Unreachable, place, method.Name, obstacle.Reason)
            : null;
    }

    // An override that calls what it overrides is that step already, and its base is a part of its own work.
    private static bool IsOverrideOf(ISymbol caller, IMethodSymbol method)
    {
        for (var at = caller as IMethodSymbol; at is not null; at = at.OverriddenMethod)
        {
            if (SymbolEqualityComparer.Default.Equals(at.OriginalDefinition, method.OriginalDefinition))
                return true;
        }

        return false;
    }

    private static INamedTypeSymbol? StaticInitialisation(IOperation operation, ISymbol caller)
    {
        for (var at = operation.Parent; at is not null; at = at.Parent)
        {
            // A lambda that is made there runs later.
            if (at is IAnonymousFunctionOperation or ILocalFunctionOperation)
                return null;
        }

        return caller switch
        {
            IMethodSymbol { MethodKind: MethodKind.StaticConstructor } => caller.ContainingType,
            IFieldSymbol { IsStatic: true } or IPropertySymbol { IsStatic: true } => caller.ContainingType,
            _ => null,
        };
    }

    // A discard, `_ = Step()`, says that it is meant.
    private static bool IsDropped(InvocationExpressionSyntax call)
    {
        SyntaxNode node = call;
        while (node.Parent is ConditionalAccessExpressionSyntax or ParenthesizedExpressionSyntax)
            node = node.Parent;
        return node.Parent is ExpressionStatementSyntax;
    }
}
