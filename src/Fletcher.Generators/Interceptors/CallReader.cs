using System.Globalization;
using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fletcher.Generators.Interceptors;

/// <summary>Finds the calls that are to be intercepted. What it leaves alone, an analyzer reports.</summary>
internal static class CallReader
{
    internal static bool IsCandidate(SyntaxNode node, CancellationToken cancellation) =>
        node is InvocationExpressionSyntax call && CallContext.Name(call) is not null;

    internal static CallModel? Read(GeneratorSyntaxContext context, CancellationToken cancellation)
    {
        var call = (InvocationExpressionSyntax)context.Node;
        var model = context.SemanticModel;
        var name = CallContext.Name(call)!.Identifier.ValueText;
        if (name == "Map" && MapReader.Read(call, model, cancellation) is { } map)
            return Create(call, model, map.Method, map.Map, cancellation);
        return StepNames.Contains(model.Compilation, name)
            && model.GetSymbolInfo(call, cancellation).Symbol is IMethodSymbol symbol
            && Marked.Find(symbol) is { } marked
            && !CallContext.IsBaseCall(call, symbol)
            && new MethodReader(model.Compilation).Read(marked, out _) is { } method
                ? Create(call, model, method, null, cancellation)
                : null;
    }

    private static CallModel? Create(
        InvocationExpressionSyntax call, SemanticModel model, MethodModel method, MapModel? map, CancellationToken cancellation)
    {
        if (CallContext.IsInExpressionTree(call, model, cancellation)
            || model.GetInterceptableLocation(call, cancellation) is not { } location)
            return null;
        var tree = call.SyntaxTree;
        var line = tree.GetLineSpan(CallContext.Name(call)!.Span, cancellation).StartLinePosition.Line + 1;
        return new CallModel(
            tree.FilePath,
            SourceFile.Name(tree, model.Compilation),
            line,
            $"{location.Version.ToString(CultureInfo.InvariantCulture)}, {Literal.Of(location.Data)}",
            CallContext.Member(call, model, cancellation),
            method,
            map);
    }
}
