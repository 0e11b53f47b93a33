namespace Fletcher.Diagnosis;

/// <summary>Finds the name that was probably meant.</summary>
internal static class SimilarName
{
    private const int MinContained = 3;

    /// <summary>
    /// The nearest of these names: one that contains the wanted one or is contained in it, or one that differs in few
    /// letters, of which two that are swapped are one. Null when none is near.
    /// </summary>
    internal static string? Find(string wanted, IEnumerable<string> names)
    {
        string? best = null;
        var bestDistance = int.MaxValue;
        foreach (var name in names)
        {
            var distance = Distance(wanted.ToUpperInvariant(), name.ToUpperInvariant());
            var isNear = distance <= Math.Max(1, wanted.Length / 3) || Contains(wanted, name) || Contains(name, wanted);
            if (isNear && distance < bestDistance)
                (best, bestDistance) = (name, distance);
        }
        return best;
    }

    private static bool Contains(string whole, string part) =>
        part.Length >= MinContained && whole.Contains(part, StringComparison.OrdinalIgnoreCase);

    // Levenshtein's distance with three rows kept, in which two neighbouring letters that are swapped count as one difference.
    private static int Distance(string a, string b)
    {
        var (before, above, row) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            (before, above, row) = (above, row, before);
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
        }

        return row[b.Length];
    }
}
