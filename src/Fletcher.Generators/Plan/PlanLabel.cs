using System.Text.RegularExpressions;

namespace Fletcher.Generators.Plan;

/// <summary>Source text as a label: on one line, and short.</summary>
internal static class PlanLabel
{
    private const int MaxLength = 60;

    internal static string Shorten(string source)
    {
        var text = Regex.Replace(source, @"\s+", " ").Trim();
        return text.Length <= MaxLength ? text : text.Substring(0, MaxLength - 1) + "…";
    }
}
