namespace Fletcher.Torture.Plans;

/// <summary>What paths of nodes tell.</summary>
internal static class Paths
{
    /// <summary>Whether the first node has ended before the second begins, in every execution.</summary>
    public static bool IsBefore(string first, string second)
    {
        var common = 0;
        var length = Math.Min(first.Length, second.Length);
        while (common < length && first[common] == second[common])
            common++;

        // Back to where the segments that differ begin.
        while (common > 0 && (common == first.Length || common == second.Length || first[common - 1] != '/'))
            common--;
        return Place(first, common) is { } before && Place(second, common) is { } after && before < after;
    }

    /// <summary>Whether the second node is inside the first.</summary>
    public static bool IsInside(string outer, string inner) =>
        inner.Length > outer.Length && inner.StartsWith(outer, StringComparison.Ordinal) && inner[outer.Length] == '/';

    /// <summary>
    /// Whether it runs in the same body as others that run at the same time, so that the order of their calls is up to chance. Inside a
    /// step or a flow of its own (<c>i</c>) a body begins anew.
    /// </summary>
    public static bool IsInRace(string path) => path.LastIndexOf("/t", StringComparison.Ordinal) > path.LastIndexOf("/i", StringComparison.Ordinal);

    /// <summary>The place in a sequence that a segment says; null when it says another thing.</summary>
    private static int? Place(string path, int at)
    {
        if (at >= path.Length || path[at] != 's')
            return null;
        var end = path.IndexOf('/', at);
        return int.Parse(path.AsSpan(at + 1, (end < 0 ? path.Length : end) - at - 1), System.Globalization.CultureInfo.InvariantCulture);
    }
}
