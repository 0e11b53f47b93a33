using System.Collections.Concurrent;
using System.Collections.Immutable;
using Fletcher.Generators.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Fletcher.Generators.Analyzers;

/// <summary>Looks for steps, or flows, of an assembly that have the same id.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DuplicateIdAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Diagnostics.DuplicateId];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            var found = new ConcurrentBag<Marked>();
            start.RegisterSymbolAction(
                symbol =>
                {
                    if (symbol.Symbol is IMethodSymbol { MethodKind: MethodKind.Ordinary } method && Marked.Own(method) is { } marked)
                        found.Add(marked);
                },
                SymbolKind.Method);
            start.RegisterCompilationEndAction(end => Report(found, end));
        });
    }

    private static void Report(IEnumerable<Marked> found, CompilationAnalysisContext context)
    {
        foreach (var group in found.GroupBy(m => (m.IsFlow, Id: MethodId.Stable(m))))
        {
            // The order in which analyzers see symbols is not fixed; that of the source is.
            var methods = group.Select(m => m.Method)
                .OrderBy(m => m.Locations[0].SourceTree?.FilePath, StringComparer.Ordinal).ThenBy(m => m.Locations[0].SourceSpan.Start)
                .ToArray();
            foreach (var method in methods.Skip(1))
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    Diagnostics.DuplicateId, method.Locations[0], method.ToDisplayString(), methods[0].ToDisplayString(), group.Key.Id));
            }
        }
    }
}
