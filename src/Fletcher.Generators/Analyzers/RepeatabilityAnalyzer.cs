using System.Collections.Immutable;
using Fletcher.Generators.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Fletcher.Generators.Analyzers;

/// <summary>
/// Looks for what differs each time, directly in the body of a flow: a body is executed again after a crash, and a step that is
/// then called with another value is another step.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class RepeatabilityAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Diagnostics.NotRepeatable];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterOperationAction(Analyze, OperationKind.PropertyReference, OperationKind.Invocation, OperationKind.ObjectCreation);
    }

    private static void Analyze(OperationAnalysisContext context)
    {
        var member = context.Operation switch
        {
            IPropertyReferenceOperation property => property.Property,
            IInvocationOperation invocation => (ISymbol)invocation.TargetMethod,
            IObjectCreationOperation { Constructor: { Parameters.Length: 0 } constructor } => constructor,
            _ => null,
        };
        if (member is null || Unrepeatable.Find(member) is not { } found
            || context.ContainingSymbol is not IMethodSymbol { MethodKind: MethodKind.Ordinary } method
            || Marked.Find(method) is not { IsFlow: true }
            || IsInsideStep(context.Operation))
            return;
        context.ReportDiagnostic(Diagnostic.Create(
            Diagnostics.NotRepeatable, context.Operation.Syntax.GetLocation(),
            ImmutableDictionary<string, string?>.Empty.Add(Unrepeatable.ReplacementKey, found.Replacement), found.Name, found.Advice));
    }

    // The lambda of Step.Run is a step: what it reads is remembered with its result.
    private static bool IsInsideStep(IOperation operation)
    {
        for (var at = operation.Parent; at is not null; at = at.Parent)
        {
            if (at is IInvocationOperation call && FletcherCalls.KindOf(call.TargetMethod) == FletcherCall.StepRun)
                return true;
        }

        return false;
    }
}
