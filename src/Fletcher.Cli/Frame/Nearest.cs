using Fletcher.Diagnosis;

namespace Fletcher.Cli;

/// <summary>Says which word was probably meant.</summary>
internal static class Nearest
{
    /// <summary>What to say of it: nothing when none is near.</summary>
    internal static string Suggest(string given, IEnumerable<string> words) => SimilarName.Find(given, words) is { } near ? $" Did you mean '{near}'?" : "";
}
