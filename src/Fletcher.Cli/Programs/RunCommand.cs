using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Fletcher.Model;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Cli;

/// <summary>Runs a program with the store that the other commands use.</summary>
internal sealed class RunCommand : ToolCommand
{
    private readonly Argument<string> _program;
    private readonly Argument<string[]> _arguments;
    private readonly Option<string> _retry;

    internal RunCommand()
        : base(
            "run", "Runs a C# file or project with 'dotnet run', on the store that the other commands use. Which flow it calls is up to the program. The exit code is the program's.",
            "run billing.cs",
            "run billing.cs --store runs.db -- 2026-10-01     # what is behind -- is the program's",
            "run billing.cs --retry 01jb2w8qk3m5n7p9r1t3v5x7z9")
    {
        _program = Argument("program", "A .cs file, a project file, or a folder with one.");
        _arguments = new Argument<string[]>("arguments") { Description = "What the program is given; write -- before it.", Arity = ArgumentArity.ZeroOrMore };
        Arguments.Add(_arguments);
        _retry = Option<string>("--retry", "The run that the program is to go on with: its whole id.", "run");
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var program = arguments.GetRequiredValue(_program);
        var start = new ProcessStartInfo("dotnet");
        foreach (var word in Words(program))
            start.ArgumentList.Add(word);
        var given = arguments.GetValue(_arguments) ?? [];
        if (given.Length > 0)
            start.ArgumentList.Add("--");
        foreach (var one in given)
            start.ArgumentList.Add(one);

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

    private static IEnumerable<string> Words(string program)
    {
        if (!Path.Exists(program))
            throw new CommandException($"There is no program '{program}'. Name a .cs file, a project file, or a folder with one.", ExitCode.Usage);
        return Path.GetExtension(program).Equals(".cs", StringComparison.OrdinalIgnoreCase) ? ["run", program] : ["run", "--project", program];
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
