using System.Text;
using CliWrap;

namespace Fletcher.EndToEnd.Running;

/// <summary>Starts processes, with an environment that says nothing about Fletcher or mail but what the test says.</summary>
internal static class Start
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<Ended> Program(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment,
        PipeSource? input = null, string? folder = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        return await Program(program, arguments, environment, limit.Token, input, folder) is { ExitCode: >= 0 } ended
            ? ended
            : throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Limit}.");
    }

    /// <summary>Runs a program until it ends or is killed by the token; then its exit code is -1.</summary>
    public static async Task<Ended> Program(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment,
        CancellationToken kill, PipeSource? input = null, string? folder = null)
    {
        var output = new StringBuilder();
        var error = new StringBuilder();
        var command = Cli.Wrap(program)
            .WithArguments(arguments)
            .WithEnvironmentVariables(Clean(environment))
            .WithWorkingDirectory(folder ?? Repository.Root)
            .WithStandardInputPipe(input ?? PipeSource.Null)
            .WithStandardOutputPipe(PipeTarget.ToStringBuilder(output))
            .WithStandardErrorPipe(PipeTarget.ToStringBuilder(error))
            .WithValidation(CommandResultValidation.None);
        try
        {
            var result = await command.ExecuteAsync(kill);
            return new Ended(result.ExitCode, output.ToString(), error.ToString());
        }
        catch (OperationCanceledException) when (kill.IsCancellationRequested)
        {
            return new Ended(-1, output.ToString(), error.ToString());
        }
    }

    /// <summary>Runs a scenario of the program in Programs/ with this store.</summary>
    public static Task<Ended> Scenario(string store, params string[] arguments) => Scenario(store, false, arguments);

    /// <param name="store">The store file.</param>
    /// <param name="isWell">Whether what the scenario stumbles over has been put right.</param>
    /// <param name="arguments">The scenario and its arguments.</param>
    public static Task<Ended> Scenario(string store, bool isWell, params string[] arguments) => Program(
        Repository.Programs, arguments,
        new Dictionary<string, string?> { ["FLETCHER_STORE"] = store, ["WELL"] = isWell ? "yes" : null });

    /// <summary>An environment that says nothing about Fletcher or mail but this.</summary>
    public static Dictionary<string, string?> Clean(IReadOnlyDictionary<string, string?> environment)
    {
        var clean = new Dictionary<string, string?>
        {
            ["BILLING_DATA"] = null,
            ["CI"] = null,
            ["DOTNET_NOLOGO"] = "1",
            ["FLETCHER_CONSOLE"] = null,
            ["FLETCHER_ISOLATED_RUN"] = null,
            ["FLETCHER_RETRY"] = null,
            ["FLETCHER_RUN_FLOW"] = null,
            ["FLETCHER_STORE"] = null,
            ["NO_COLOR"] = null,
            ["SMTP_FROM"] = null,
            ["SMTP_HOST"] = null,
            ["SMTP_PORT"] = null,
            ["WELL"] = null,
        };
        foreach (var (name, value) in environment)
            clean[name] = value;
        return clean;
    }
}
