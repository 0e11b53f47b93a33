using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Fletcher.CodeFixes;

/// <summary>A fix that changes one place in one document.</summary>
public abstract class Fix : CodeFixProvider
{
    private readonly string _title;

    private protected Fix(DiagnosticDescriptor descriptor, string title)
    {
        FixableDiagnosticIds = [descriptor.Id];
        _title = title;
    }

    /// <inheritdoc/>
    public sealed override ImmutableArray<string> FixableDiagnosticIds { get; }

    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellation = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        if (root is null || model is null)
            return;
        foreach (var diagnostic in context.Diagnostics)
        {
            var node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            // Made now and not when it is chosen: a fix that does not apply must not be offered.
            if (Apply(root, node, model, diagnostic, cancellation) is { } changed)
                context.RegisterCodeFix(
                    CodeAction.Create(_title, _ => Task.FromResult(document.WithSyntaxRoot(changed)), equivalenceKey: GetType().Name), diagnostic);
        }
    }

    /// <summary>The changed document; null where the fix does not apply.</summary>
    private protected abstract SyntaxNode? Apply(
        SyntaxNode root, SyntaxNode node, SemanticModel model, Diagnostic diagnostic, CancellationToken cancellation);
}
