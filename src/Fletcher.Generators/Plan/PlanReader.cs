using Fletcher.Generators.Interceptors;
using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fletcher.Generators.Plan;

/// <summary>
/// Walks a flow's body and notes the steps it mentions, in the order in which they would run: arguments before the call
/// that takes them. A local function is followed where it is called.
/// </summary>
internal sealed class PlanReader(SemanticModel model, CancellationToken cancellation) : CSharpSyntaxWalker
{
    private readonly HashSet<ISymbol> _followed = new(SymbolEqualityComparer.Default);
    private List<PlanNodeModel> _nodes = [];

    internal static PlanModel? Read(MethodDeclarationSyntax method, SemanticModel model, CancellationToken cancellation)
    {
        var body = (SyntaxNode?)method.Body ?? method.ExpressionBody;
        if (body is null)
            return null;
        var reader = new PlanReader(model, cancellation);
        reader.Visit(body);
        return new PlanModel(reader._nodes.ToEquatableArray());
    }

    public override void VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        if (node.Expression is IdentifierNameSyntax { Identifier.ValueText: "nameof" } && node.ArgumentList.Arguments.Count == 1
            && model.GetSymbolInfo(node, cancellation).Symbol is null)
            return;

        var method = CallContext.Name(node) is null ? null : model.GetSymbolInfo(node, cancellation).Symbol as IMethodSymbol;
        switch (FletcherCalls.KindOf(method))
        {
            case FletcherCall.StepRun:
                Add(PlanKind.Step, FletcherCalls.LiteralName(node) ?? "Step.Run", node, []);
                return;
            case FletcherCall.Map:
                Group(PlanKind.FanOut, Shortened(node), node, () =>
                {
                    VisitArguments(node);
                    MethodGroups(node);
                });
                return;
            case FletcherCall.Start or FletcherCall.Try:
                VisitArguments(node);
                return;
        }

        Visit(node.Expression);
        VisitArguments(node, LambdasRunForMany(method));
        if (method is { MethodKind: MethodKind.LocalFunction })
            Follow(method);
        else if (Marked.Find(method) is { } marked)
            Add(marked.IsFlow ? PlanKind.SubFlow : PlanKind.Step, MethodId.Stable(marked), node, []);
    }

    // Reached only from where they are called.
    public override void VisitLocalFunctionStatement(LocalFunctionStatementSyntax node)
    {
    }

    public override void VisitIfStatement(IfStatementSyntax node)
    {
        Visit(node.Condition);
        Group(PlanKind.Branch, $"if ({Shortened(node.Condition)})", node, () => Visit(node.Statement));
        if (node.Else is { Statement: IfStatementSyntax elseIf })
            Visit(elseIf);
        else if (node.Else is { } last)
            Group(PlanKind.Branch, "else", last, () => Visit(last.Statement));
    }

    public override void VisitSwitchSection(SwitchSectionSyntax node) =>
        Group(PlanKind.Branch, Shortened(node.Labels[0]), node, () => base.VisitSwitchSection(node));

    public override void VisitSwitchExpressionArm(SwitchExpressionArmSyntax node) =>
        Group(PlanKind.Branch, $"case {Shortened(node.Pattern)}", node, () => base.VisitSwitchExpressionArm(node));

    public override void VisitConditionalExpression(ConditionalExpressionSyntax node)
    {
        Visit(node.Condition);
        Group(PlanKind.Branch, $"if ({Shortened(node.Condition)})", node, () => Visit(node.WhenTrue));
        Group(PlanKind.Branch, "else", node, () => Visit(node.WhenFalse));
    }

    public override void VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        Visit(node.Left);
        if (node.Kind() is SyntaxKind.LogicalAndExpression or SyntaxKind.LogicalOrExpression or SyntaxKind.CoalesceExpression)
            Group(PlanKind.Branch, $"{Shortened(node.Left)} {node.OperatorToken.Text}", node.Right, () => Visit(node.Right));
        else
            Visit(node.Right);
    }

    public override void VisitConditionalAccessExpression(ConditionalAccessExpressionSyntax node)
    {
        Visit(node.Expression);
        Group(PlanKind.Branch, $"{Shortened(node.Expression)} is not null", node, () => Visit(node.WhenNotNull));
    }

    public override void VisitForEachStatement(ForEachStatementSyntax node)
    {
        Visit(node.Expression);
        var header = $"foreach ({node.Type} {node.Identifier.Text} in {node.Expression})";
        Group(PlanKind.Loop, Shortened(header), node, () => Visit(node.Statement));
    }

    public override void VisitForEachVariableStatement(ForEachVariableStatementSyntax node)
    {
        Visit(node.Expression);
        Group(PlanKind.Loop, Shortened($"foreach ({node.Variable} in {node.Expression})"), node, () => Visit(node.Statement));
    }

    public override void VisitForStatement(ForStatementSyntax node)
    {
        Visit(node.Declaration);
        foreach (var initializer in node.Initializers)
            Visit(initializer);
        Group(PlanKind.Loop, $"for (…; {Shortened(node.Condition?.ToString() ?? "")}; …)", node, () =>
        {
            Visit(node.Condition);
            Visit(node.Statement);
            foreach (var incrementor in node.Incrementors)
                Visit(incrementor);
        });
    }

    public override void VisitWhileStatement(WhileStatementSyntax node) =>
        Group(PlanKind.Loop, $"while ({Shortened(node.Condition)})", node, () => base.VisitWhileStatement(node));

    public override void VisitDoStatement(DoStatementSyntax node) =>
        Group(PlanKind.Loop, $"do … while ({Shortened(node.Condition)})", node, () => base.VisitDoStatement(node));

    public override void VisitCatchClause(CatchClauseSyntax node) =>
        Group(PlanKind.Handler, Shortened($"catch {node.Declaration}".Trim()), node, () => base.VisitCatchClause(node));

    public override void VisitFinallyClause(FinallyClauseSyntax node) =>
        Group(PlanKind.Handler, "finally", node, () => base.VisitFinallyClause(node));

    private void VisitArguments(InvocationExpressionSyntax node, bool runForMany = false)
    {
        foreach (var argument in node.ArgumentList.Arguments)
        {
            if (runForMany && argument.Expression is AnonymousFunctionExpressionSyntax lambda)
                Group(PlanKind.FanOut, Shortened(node), node, () => Visit(lambda));
            else
                Visit(argument);
        }
    }

    // Task.Run and its like call a lambda once; of others, as Select or Parallel.ForEachAsync, that is not known.
    private static bool LambdasRunForMany(IMethodSymbol? method) =>
        method is { MethodKind: not MethodKind.LocalFunction, ContainingType.Name: not ("Task" or "TaskFactory" or "Lazy") };

    private void MethodGroups(InvocationExpressionSyntax map)
    {
        foreach (var argument in map.ArgumentList.Arguments.Select(a => a.Expression))
        {
            if (argument is IdentifierNameSyntax or MemberAccessExpressionSyntax or GenericNameSyntax
                && model.GetSymbolInfo(argument, cancellation).Symbol is IMethodSymbol method
                && Marked.Find(method) is { } marked)
                Add(marked.IsFlow ? PlanKind.SubFlow : PlanKind.Step, MethodId.Stable(marked), argument, []);
        }
    }

    private void Follow(IMethodSymbol function)
    {
        function = function.OriginalDefinition;
        if (!_followed.Add(function)
            || function.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation) is not LocalFunctionStatementSyntax syntax)
            return;
        Visit((SyntaxNode?)syntax.Body ?? syntax.ExpressionBody);
        _followed.Remove(function);
    }

    private void Group(PlanKind kind, string label, SyntaxNode place, Action visit)
    {
        var outer = _nodes;
        _nodes = [];
        visit();
        var children = _nodes;
        _nodes = outer;
        // A branch without steps is not part of the picture.
        if (children.Count > 0)
            Add(kind, label, place, children);
    }

    private void Add(PlanKind kind, string label, SyntaxNode place, List<PlanNodeModel> children) => _nodes.Add(
        new PlanNodeModel(kind, label, place.GetLocation().GetLineSpan().StartLinePosition.Line + 1, children.ToEquatableArray()));

    private static string Shortened(SyntaxNode node) => Shortened(node.ToString());

    private static string Shortened(string text) => PlanLabel.Shorten(text);
}
