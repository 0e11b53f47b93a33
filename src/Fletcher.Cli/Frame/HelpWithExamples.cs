using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Fletcher.Cli;

/// <summary>The help, with the command's examples behind it.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly string[] OfRoot =
    [
        "runs --state failed --since 1d       # what failed today",
        "why 01jb2w8q                         # why it failed, and what to do",
        "runs retry 01jb2w8q                  # go on from the failed step",
    ];

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var examples = parseResult.CommandResult.Command is ToolCommand command ? command.Examples : OfRoot;
        output.WriteLine("Examples:");
        foreach (var example in examples)
            output.WriteLine($"  fletcher {example}");
        output.WriteLine();
        return ExitCode.Ok;
    }
}
