using System.Collections.Immutable;
using Fletcher.Generators.Interceptors;
using Fletcher.Generators.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Fletcher.Generators.Analyzers;

/// <summary>Looks for steps and flows that are passed as delegates: nothing sees what is called through a delegate.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class MethodGroupAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Diagnostics.MethodGroup];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterOperationAction(Analyze, OperationKind.MethodReference);
    }

    private static void Analyze(OperationAnalysisContext context)
    {
        var reference = (IMethodReferenceOperation)context.Operation;
        if (Marked.Find(reference.Method) is not { } marked || IsIntercepted(reference, context.CancellationToken))
            return;
        context.ReportDiagnostic(Diagnostic.Create(
            Diagnostics.MethodGroup, reference.Syntax.GetLocation(), marked.Method.Name, marked.IsFlow ? "runs" : "steps"));
    }

    private static bool IsIntercepted(IMethodReferenceOperation reference, CancellationToken cancellation) =>
        reference.Syntax.FirstAncestorOrSelf<ArgumentSyntax>() is { Parent.Parent: InvocationExpressionSyntax call }
        && reference.SemanticModel is { } model
        && MapReader.Read(call, model, cancellation) is not null;
}
