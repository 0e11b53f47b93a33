using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>The values of an enumeration as words of the command line: <c>cancel-running</c>.</summary>
internal static class Words
{
    internal static IEnumerable<string> Of<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(Of);

    internal static string Of<T>(T value)
        where T : struct, Enum => string.Concat(value.ToString().Select(static (letter, i) => i > 0 && char.IsAsciiLetterUpper(letter) ? $"-{letter}" : $"{letter}")).ToLowerInvariant();

    /// <summary>Makes the option take these words only, and complete them.</summary>
    internal static void TakeWords<T>(this Option<string> option)
        where T : struct, Enum
    {
        option.CompletionSources.Add(static _ => Of<T>());
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var word] && TryParse<T>(word.Value) is null)
                result.AddError($"{option.Name} is '{word.Value}'.{Nearest.Suggest(word.Value, Of<T>())} Allowed are: {string.Join(", ", Of<T>())}");
        });
    }

    /// <summary>The value; null when there is no word, or another one.</summary>
    internal static T? TryParse<T>(string? word)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (Of(value).Equals(word, StringComparison.OrdinalIgnoreCase) || value.ToString().Equals(word, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        return null;
    }
}
