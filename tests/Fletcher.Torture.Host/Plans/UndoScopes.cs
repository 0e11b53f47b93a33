namespace Fletcher.Torture.Plans;

/// <summary>Where the steps of a plan that can be undone are undone.</summary>
internal static class UndoScopes
{
    /// <summary>
    /// The innermost transaction or flow around a node that fails in the end: there it is undone. Empty when that is the outermost flow, which
    /// fails or does not; null when the node is in a transaction that completes, behind which nothing undoes it any more.
    /// </summary>
    public static string? Of(Plan plan, string path)
    {
        var around = plan.Nodes.Where(node => Paths.IsInside(node.Path, path)).OrderByDescending(node => node.Path.Length).ToList();
        var scope = around.FindIndex(node => node is { Kind: NodeKind.Transaction or NodeKind.SubFlow, Fails: true });
        var stands = around.FindLastIndex(node => node.Kind == NodeKind.Transaction);

        // Of transactions inside each other the outermost one decides.
        if (stands >= 0 && (scope < 0 || stands < scope))
            return null;
        return scope < 0 ? "" : around[scope].Path;
    }

    /// <summary>Whether what was undone there makes room for a node to run again: the node is in that scope.</summary>
    public static bool Holds(string scope, string path) => scope.Length == 0 || Paths.IsInside(scope, path);
}
