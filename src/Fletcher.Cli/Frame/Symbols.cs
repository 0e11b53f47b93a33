using System.CommandLine;
using System.CommandLine.Completions;

namespace Fletcher.Cli;

/// <summary>What arguments and options of several commands take.</summary>
internal static class Symbols
{
    private const int MostCounted = 1_000_000;

    /// <summary>Makes the option take numbers from 1 only.</summary>
    internal static void TakeCounts<T>(this Option<T> option) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var text] && int.TryParse(text.Value, out var n) && n is < 1 or > MostCounted)
            result.AddError($"{option.Name} is '{text.Value}'; allowed are 1 to {MostCounted}");
    });

    /// <summary>Makes shells complete the argument.</summary>
    internal static Argument<T> CompletedWith<T>(this Argument<T> argument, Func<CompletionContext, IEnumerable<CompletionItem>> source)
    {
        argument.CompletionSources.Add(source);
        return argument;
    }
}
