using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>The help, with the command's examples behind it.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    private const int WidthOfFiles = 100;

    private static readonly string[] OfRoot =
    [
        "runs --state failed --since 1d       # what failed today",
        "why 01jb2w8q                         # why it failed, and what to do",
        "runs retry 01jb2w8q                  # go on from the failed step",
    ];

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        help.MaxWidth = Console.IsOutputRedirected ? WidthOfFiles : TerminalOutput.MeasureTerminal().Width;
        help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var details = (parseResult.CommandResult.Command as ToolCommand)?.Details;
        if (!string.IsNullOrEmpty(details))
        {
            foreach (var line in Wrap(details, help.MaxWidth))
                output.WriteLine(line);
            output.WriteLine();
        }

        var examples = parseResult.CommandResult.Command is ToolCommand command ? command.Examples : OfRoot;
        output.WriteLine("Examples:");
        foreach (var example in examples)
            output.WriteLine($"  fletcher {example}");
        output.WriteLine();
        return ExitCode.Ok;
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length >= width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }
}
