using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fletcher.Generators.Symbols;

/// <summary>Calls of Fletcher's own verbs.</summary>
internal enum FletcherCall
{
    None,
    StepRun,
    Map,
    Start,
    Try,
}

internal static class FletcherCalls
{
    internal static FletcherCall KindOf(IMethodSymbol? method) => method is null ? FletcherCall.None : method.Name switch
    {
        "Run" when Marked.IsFletcher(method.ContainingType, "Step") => FletcherCall.StepRun,
        "Map" when Marked.IsFletcher(method.ContainingType, "Flow") => FletcherCall.Map,
        "Start" when Marked.IsFletcher(method.ContainingType, "Flow") => FletcherCall.Start,
        "Try" when Marked.IsFletcher(method.ContainingType, "Flow") => FletcherCall.Try,
        _ => FletcherCall.None,
    };

    /// <summary>The name that is given to <c>Step.Run</c>, when it is a literal.</summary>
    internal static string? LiteralName(InvocationExpressionSyntax call) => call.ArgumentList.Arguments
        .FirstOrDefault(a => a.NameColon is null || a.NameColon.Name.Identifier.ValueText == "name")?.Expression
        is LiteralExpressionSyntax literal ? literal.Token.ValueText : null;
}
