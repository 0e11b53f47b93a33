using System.CommandLine;
using System.CommandLine.Parsing;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Cli;

/// <summary>Runs a program with the store that the other commands use.</summary>
internal sealed class RunCommand : ToolCommand
{
    private readonly Argument<string> _program;
    private readonly Argument<string?> _flow;
    private readonly Argument<string[]> _arguments;
    private readonly Option<string[]> _parameter;
    private readonly Option<string> _parameters;
    private readonly Option<string> _retry;

    internal RunCommand()
        : base(
            "run", "Runs a C# file or project with 'dotnet run', on the store that the other commands use: all of it, or one of its flows in place of its own statements. The exit code is the program's; with a flow its result is written as JSON.",
            "run billing.cs",
            "run billing.cs Billing.InvoiceMonth -p month=2026-10-01     # only this flow",
            "run billing.cs --store runs.db -- 2026-10-01     # what is behind -- is the program's",
            "run billing.cs --retry 01jb2w8qk3m5n7p9r1t3v5x7z9")
    {
        _program = Argument("program", "A .cs file, a project file, or a folder with one.");
        _flow = OptionalArgument("flow", "The flow to run in place of the program's own statements. A program that needs what an application sets up is started whole, and asked with 'fletcher runs start'.");
        _arguments = new Argument<string[]>("arguments") { Description = "What the program is given; write -- before it.", Arity = ArgumentArity.ZeroOrMore };
        Arguments.Add(_arguments);
        _parameter = ManyOption("--param", "A parameter of the flow: JSON, or text. May be given several times.", "name=value", "-p");
        _parameters = Option<string>("--parameters", "All parameters of the flow, as a JSON object.", "json");
        _retry = Option<string>("--retry", "The run that the program is to go on with: its whole id.", "run");
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var program = arguments.GetRequiredValue(_program);
        var (flow, given) = Split(arguments);
        if (!Path.Exists(program))
            throw new CommandException($"There is no program '{program}'. Name a .cs file, a project file, or a folder with one.", ExitCode.Usage);
        var start = new ProcessStartInfo("dotnet", Words(program, flow is not null, given));
        if (flow is not null)
            start.Environment[AskedFlow.Variable] = Ask(arguments, program, flow, given).ToString();
        else if (arguments.GetValue(_parameter) is { Length: > 0 } || arguments.GetValue(_parameters) is not null)
            throw new CommandException("--param and --parameters are for a flow, and none is named. Name it behind the program: fletcher run billing.cs Billing.InvoiceMonth -p month=2026-10-01.", ExitCode.Usage);

        if (arguments.GetValue(GlobalOptions.Json))
            throw new CommandException("What a program writes is its own, so 'fletcher run' has no --json. Look at its runs with 'fletcher runs --json'.", ExitCode.Usage);
        if (arguments.GetValue(GlobalOptions.Store) is not null)
        {
            var place = StorePlace.Of(arguments);
            if (place.IsPostgreSql)
                throw new CommandException("A plain program keeps its runs in a SQLite file. One that uses PostgreSQL says so itself: options.UsePostgreSql(…). Leave --store out, or name a file.", ExitCode.Usage);
            start.Environment[SqliteStorePath.EnvironmentVariable] = Path.GetFullPath(place.Text);
        }

        if (arguments.GetValue(_retry) is { } retry)
            start.Environment["FLETCHER_RETRY"] = RunId.TryParse(retry, out var run) ? run.ToString() : throw new CommandException($"--retry is '{retry}', which is no run's whole id; 'fletcher runs' lists them.", ExitCode.Usage);
        return await WaitAsync(start, cancellationToken).ConfigureAwait(false);
    }

    private AskedFlow Ask(ParseResult arguments, string program, string flow, IReadOnlyList<string> given)
    {
        var (some, all) = (arguments.GetValue(_parameter) ?? [], arguments.GetValue(_parameters));
        if (given.Count > 0)
            throw new CommandException($"What is behind -- is for the program's own statements, and they are not executed when a flow is named. Give the parameters of '{flow}' with -p.", ExitCode.Usage);
        if (some.Length > 0 && all is not null)
            throw new CommandException("--param and --parameters are both given. Give one of them.", ExitCode.Usage);
        ParameterText.Parse(some, null); // the program reads them; a slip of the pen need not wait for its build
        return new AskedFlow(program, arguments.GetValue(GlobalOptions.Store), flow, all, some);
    }

    /// <summary>The flow, which is named before <c>--</c>, and what is the program's behind it.</summary>
    private (string? Flow, IReadOnlyList<string> Given) Split(ParseResult arguments)
    {
        var marks = arguments.Tokens.TakeWhile(static token => token.Type != TokenType.DoubleDash).ToList();
        var words = Tokens(arguments, _flow).Concat(Tokens(arguments, _arguments)).ToList();
        var before = words.TakeWhile(word => marks.Exists(mark => ReferenceEquals(mark, word))).Select(static word => word.Value).ToList();
        if (before.Count > 1)
            throw new CommandException($"'fletcher run' takes a program and a flow, and '{before[1]}' is one too many. What is the program's stands behind --.", ExitCode.Usage);
        return (before.FirstOrDefault(), [.. words.Skip(before.Count).Select(static word => word.Value)]);
    }

    private static IEnumerable<Token> Tokens(ParseResult arguments, Argument argument) => arguments.GetResult(argument)?.Tokens ?? [];

    private static IEnumerable<string> Words(string program, bool isFlow, IReadOnlyList<string> given)
    {
        IEnumerable<string> words = ["run"];
        if (isFlow)
        {
            // For the program alone: 'dotnet' itself does not have the hook, and would not begin.
            var hooks = Environment.GetEnvironmentVariable(IsolatedRun.HooksVariable);
            words = [.. words, "-e", $"{IsolatedRun.HooksVariable}={(string.IsNullOrEmpty(hooks) ? "" : hooks + Path.PathSeparator)}{IsolatedRun.Hook}"];
        }

        words = Path.GetExtension(program).Equals(".cs", StringComparison.OrdinalIgnoreCase) ? [.. words, program] : [.. words, "--project", program];
        return given.Count == 0 ? words : [.. words, "--", .. given];
    }

    private static async Task<int> WaitAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(start)!;
            // The terminal gives Ctrl+C to the program too, which hands its runs over and ends; this one ends behind it.
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static context => context.Cancel = true);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
            {
                context.Cancel = true;
                Forward(process.Id);
            });
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return process.ExitCode;
        }
        catch (Win32Exception)
        {
            throw new CommandException("The command 'dotnet' is not there: 'fletcher run' needs the .NET 10 SDK.");
        }
    }

    private static void Forward(int processId)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var kill = Process.Start("kill", ["-TERM", processId.ToString(CultureInfo.InvariantCulture)]);
    }
}
