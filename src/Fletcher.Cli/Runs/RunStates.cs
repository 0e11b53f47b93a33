using System.CommandLine;
using Fletcher.Model;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>States on the command line.</summary>
internal static class RunStates
{
    internal static IEnumerable<string> Words { get; } = Enum.GetValues<FlowRunState>().Select(Glyphs.Word);

    /// <summary>Makes the option take states only, and complete them.</summary>
    internal static void TakeStates(this Option<string[]> option)
    {
        option.CompletionSources.Add(_ => Words);
        option.Validators.Add(static result =>
        {
            try
            {
                Parse([.. result.Tokens.Select(static token => token.Value)]);
            }
            catch (CommandException e)
            {
                result.AddError(e.Message);
            }
        });
    }

    internal static IReadOnlyList<FlowRunState> Parse(IReadOnlyList<string> texts)
    {
        List<FlowRunState> states = [];
        foreach (var text in texts.SelectMany(static text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            if (!Enum.TryParse<FlowRunState>(text, ignoreCase: true, out var state) || !Enum.IsDefined(state) || char.IsAsciiDigit(text[0]))
                throw new CommandException($"'{text}' is no state of a run.{Nearest.Suggest(text, Words)} There are: {string.Join(", ", Words)}.", ExitCode.Usage);
            states.Add(state);
        }

        return states;
    }
}
