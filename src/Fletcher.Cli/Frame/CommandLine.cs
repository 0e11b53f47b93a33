using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Fletcher.Diagnosis;

namespace Fletcher.Cli;

/// <summary>Reads the command line, runs the command, and says in one sentence what went wrong.</summary>
internal static class CommandLine
{
    /// <summary>A word that begins with '@' is a word, such as the schedule @daily, and no file with more of the command line.</summary>
    internal static ParserConfiguration Parsing { get; } = new() { ResponseFileTokenReplacer = null };

    internal static async Task<int> RunAsync(string[] arguments)
    {
        var root = CreateRoot();
        var parsed = root.Parse(arguments, Parsing);
        var strange = FindOption(parsed, arguments);
        if (parsed.Action is ParseErrorAction || strange is not null)
            return Refuse(parsed, strange ?? (parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null));

        try
        {
            // Without a time for ending: Ctrl+C ends the process at once, and nothing that is under way is lost by that.
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }).ConfigureAwait(false);
        }
        catch (CommandException e)
        {
            return Say(e.Message, e.ExitCode);
        }
        catch (StoreUnavailableException e)
        {
            return Say(e.Message, ExitCode.Store);
        }
        catch (FletcherException e)
        {
            return Say(e.Message, ExitCode.Failed);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (IOException e) when (IsClosedPipe(e))
        {
            // Whoever read the output has seen enough: 'fletcher runs | head'.
            return ExitCode.Ok;
        }
    }

    internal static Command CreateRoot()
    {
        // No RootCommand: it would be named after the program's file.
        var help = new HelpOption();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        var root = new Command("fletcher", "Sees what Fletcher's flows do, says why they failed, and acts on them.")
        {
            help,
            new VersionOption(),
            GlobalOptions.Store,
            GlobalOptions.Schema,
            GlobalOptions.Json,
            new RunsCommand(),
            new WhyCommand(),
            new FlowsCommand(),
            new HostsCommand(),
            new LimitsCommand(),
            new DeploymentsCommand(),
            new SchedulesCommand(),
            new BackfillCommand(),
            new ScheduleGroup(),
            new StoreGroup(),
            new DoctorCommand(),
            new RunCommand(),
            new CompletionCommand(),
            new CompleteCommand(),
        };
        root.SetAction(parsed => new HelpWithExamples(new HelpAction()).Invoke(parsed));
        return root;
    }

    /// <summary>What looks like an option and was taken for an argument, as no option has that name; null when there is none.</summary>
    private static string? FindOption(ParseResult parsed, string[] arguments) =>
        parsed.Action is HelpWithExamples ? null : parsed.CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(static argument => argument.Tokens)
            .Select(static token => token.Value)
            .FirstOrDefault(value => value is ['-', '-' or (>= 'a' and <= 'z'), ..] && arguments.TakeWhile(static word => word != "--").Contains(value));

    private static int Refuse(ParseResult parsed, string? unknown)
    {
        var command = parsed.CommandResult;
        var path = PathOf(command);
        var what = unknown is null
            ? What(parsed.Errors[0], path)
            : unknown.StartsWith('-') ? $"'{path}' has no option '{unknown}'"
            : command.Command.Subcommands.Count > 0 ? $"'{path}' has no command '{unknown}'"
            : $"'{path}' takes no further argument, and '{unknown}' is one{(command.Command is ExpressionCommand ? "; write the expression in quotes" : "")}";
        var near = unknown is null ? null : SimilarName.Find(unknown, unknown.StartsWith('-') ? OptionsOf(command) : command.Command.Subcommands.Select(static one => one.Name));
        var next = near is not null ? $" Did you mean '{near}'?"
            : unknown is null && command.Command.Action is null ? $" There are: {string.Join(", ", command.Command.Subcommands.Select(static one => one.Name))}."
            : "";
        return Say($"{what}.{next} See '{path} --help'.", ExitCode.Usage);
    }

    private static string What(ParseError error, string path) => error.SymbolResult switch
    {
        ArgumentResult { Argument: { } argument, Tokens.Count: 0 } => $"'{path}' needs <{argument.Name}>",
        OptionResult { Option: { } option, Tokens: [var token, ..] } when (option.ValueType == typeof(int) || option.ValueType == typeof(int?)) && !int.TryParse(token.Value, out _) => $"{option.Name} is '{token.Value}', which is no whole number",
        OptionResult { Option: { } option, Tokens.Count: 0 } => $"{option.Name} needs a value",
        CommandResult { Command: { Action: null, Subcommands.Count: > 0 } } => $"'{path}' needs a command",
        _ => error.Message.TrimEnd('.'),
    };

    private static IEnumerable<string> OptionsOf(CommandResult command)
    {
        var own = command.Command.Options.Select(static option => option.Name);
        for (var parent = command.Parent; parent is CommandResult above; parent = above.Parent)
            own = own.Concat(above.Command.Options.Where(static option => option.Recursive).Select(static option => option.Name));
        return own;
    }

    private static string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : "fletcher";

    private static int Say(string message, int exitCode)
    {
        Console.Error.WriteLine(message);
        return exitCode;
    }

    private static bool IsClosedPipe(IOException e) => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 109 or 232 : e.HResult == 32;
}
