using Fletcher.Diagnosis;

namespace Fletcher.Cli;

/// <summary>Finds the word that was probably meant: one that is similar, or one of which two neighbouring letters are swapped.</summary>
internal static class Nearest
{
    /// <summary>The word; null when none is near.</summary>
    internal static string? Find(string given, IEnumerable<string> words)
    {
        var known = words.ToList();
        return Swapped(given).Select(swapped => known.Find(word => word.Equals(swapped, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(static word => word is not null)
            ?? SimilarName.Find(given, known);
    }

    /// <summary>What to say of it: nothing when none is near.</summary>
    internal static string Suggest(string given, IEnumerable<string> words) => Find(given, words) is { } near ? $" Did you mean '{near}'?" : "";

    private static IEnumerable<string> Swapped(string given)
    {
        for (var i = 0; i + 1 < given.Length; i++)
            yield return given[..i] + given[i + 1] + given[i] + given[(i + 2)..];
    }
}
