using System.Collections.Immutable;
using Fletcher.Generators.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Fletcher.Generators.Analyzers;

/// <summary>Looks for local functions that are marked as steps or flows; methods at the top level of a program are such functions.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LocalFunctionAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Diagnostics.LocalFunction];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSyntaxNodeAction(Analyze, SyntaxKind.LocalFunctionStatement);
    }

    private static void Analyze(SyntaxNodeAnalysisContext context)
    {
        var function = (LocalFunctionStatementSyntax)context.Node;
        if (function.AttributeLists.Count > 0
            && context.SemanticModel.GetDeclaredSymbol(function, context.CancellationToken) is IMethodSymbol symbol
            && Marked.Own(symbol) is not null)
            context.ReportDiagnostic(Diagnostic.Create(Diagnostics.LocalFunction, function.Identifier.GetLocation(), symbol.Name));
    }
}
