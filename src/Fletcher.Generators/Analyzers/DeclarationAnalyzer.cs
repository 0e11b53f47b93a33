using System.Collections.Immutable;
using Fletcher.Generators.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Fletcher.Generators.Analyzers;

/// <summary>Looks at methods that are marked as step or flow: their attribute and their signature.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DeclarationAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        Diagnostics.Reference, Diagnostics.Policy, Diagnostics.Template, Diagnostics.TargetResult, Diagnostics.RetryIf,
        Diagnostics.ReadOnlyAtMostOnce, Diagnostics.RetriesAtMostOnce, Diagnostics.AsyncVoid, Diagnostics.StepAndFlow,
        Diagnostics.Undo, Diagnostics.Isolation, Diagnostics.Result, Diagnostics.Parameter,
    ];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSymbolAction(Analyze, SymbolKind.Method);
    }

    private static void Analyze(SymbolAnalysisContext context)
    {
        var method = (IMethodSymbol)context.Symbol;
        if (method.MethodKind != MethodKind.Ordinary || Marked.Own(method) is not { } marked)
            return;
        var reach = new Reach(context.Compilation);
        var found = SignatureCheck.Of(marked, context.CancellationToken)
            .Concat(SettingsCheck.Of(marked, reach, context.CancellationToken))
            .Concat(UndoCheck.Of(marked, reach, context.CancellationToken))
            .Concat(ContradictionCheck.Of(marked, context.CancellationToken))
            .Concat(StorageCheck.Of(marked));
        foreach (var diagnostic in found)
            context.ReportDiagnostic(diagnostic);
    }
}
