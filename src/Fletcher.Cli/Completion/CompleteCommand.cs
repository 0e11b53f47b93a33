using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>What the scripts of <see cref="CompletionCommand"/> call: writes what may stand at a place of a command line.</summary>
internal sealed class CompleteCommand : ToolCommand
{
    private readonly Argument<int> _position;
    private readonly Argument<string> _line;

    internal CompleteCommand()
        : base("complete", "Writes what may stand at this place of this command line, for shells.", "complete 11 'fletcher ru'")
    {
        Hidden = true;
        _position = new Argument<int>("position") { Description = "The place of the cursor." };
        Arguments.Add(_position);
        _line = Argument("line", "The command line.");
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        var line = arguments.GetRequiredValue(_line);
        var position = Math.Clamp(arguments.GetValue(_position), 0, line.Length);
        // The words before the cursor only: what is behind it decides nothing.
        var completions = CommandLine.CreateRoot().Parse(line[..position], CommandLine.Parsing).GetCompletions(position)
            .Select(static item => item.InsertText ?? item.Label)
            .Where(static text => text.Length > 1 && text is not ("/?" or "/h" or "-?"));
        Printer.Of(arguments).WriteRaw(string.Concat(completions.Distinct().Select(static text => text + "\n")));
        return ExitCode.Ok;
    }
}
