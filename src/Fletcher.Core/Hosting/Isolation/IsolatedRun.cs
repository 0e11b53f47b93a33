using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>
/// What a process is told that is started for one run. It claims that run from its parent's hands: until then the run is the parent's, so at no moment it is nobody's, and of parent and child only one ever has it.
/// </summary>
/// <param name="Run">The run.</param>
/// <param name="Fence">The fence under which the parent has it.</param>
/// <param name="Parent">The parent's host.</param>
/// <param name="Host">What the new process's host is to be called, so that the parent knows whom the run belongs to then.</param>
/// <param name="Start">How the process was started.</param>
/// <param name="IsAskedFor">Whether a person asked for this execution.</param>
internal sealed record IsolatedRun(RunId Run, long Fence, Guid Parent, Guid Host, ProcessStart Start, bool IsAskedFor)
{
    /// <summary>The environment variable that says it.</summary>
    internal const string Variable = "FLETCHER_ISOLATED_RUN";

    internal const string HooksVariable = "DOTNET_STARTUP_HOOKS";

    internal const string HeapVariable = "DOTNET_GCHeapHardLimit";

    /// <summary>The assembly with the hook, as .NET finds it among those of the program.</summary>
    internal const string Hook = "Fletcher";

    /// <summary>What this process was started for; null when it was started by somebody else, or in another way.</summary>
    /// <exception cref="FletcherUsageException">The variable is there and has something else.</exception>
    internal static IsolatedRun? Read(ProcessStart start) => Read(Environment.GetEnvironmentVariable(Variable), start);

    /// <inheritdoc cref="Read(ProcessStart)"/>
    internal static IsolatedRun? Read(string? text, ProcessStart start)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var order = TryParse(text) ?? throw new FletcherUsageException(
            "FLT1432", $"{Variable} is '{text}'. Only a host sets it, for the processes that it starts for single runs. Unset it.");
        return order.Start == start ? order : null;
    }

    /// <summary>Takes what was said out of the environment: the programs that this one starts are not started for the run.</summary>
    internal static void Forget()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        Environment.SetEnvironmentVariable(HeapVariable, null);
        ForgetHook();
    }

    /// <summary>Takes the hook out of the environment: most programs that this one starts do not have it, and would not begin.</summary>
    internal static void ForgetHook()
    {
        var hooks = Environment.GetEnvironmentVariable(HooksVariable)?.Split(Path.PathSeparator).Where(hook => hook != Hook).ToList();
        Environment.SetEnvironmentVariable(HooksVariable, hooks is null or [] ? null : string.Join(Path.PathSeparator, hooks));
    }

    /// <summary>Says it to a process that is about to be started.</summary>
    /// <param name="environment">Its environment.</param>
    /// <param name="memoryLimit">How many bytes it may have; null for no limit.</param>
    internal void Write(IDictionary<string, string?> environment, long? memoryLimit)
    {
        environment[Variable] = ToString();
        environment["FLETCHER_CONSOLE"] = "off"; // what is to be shown, its parent shows
        environment.Remove("FLETCHER_RETRY");
        environment.Remove("NOTIFY_SOCKET"); // systemd listens to the parent
        if (Start == ProcessStart.Hook)
            environment[HooksVariable] = environment.TryGetValue(HooksVariable, out var hooks) && !string.IsNullOrEmpty(hooks) ? $"{hooks}{Path.PathSeparator}{Hook}" : Hook;

        // As .NET does it in a container with a limit: the rest is for code, threads and what is not of .NET.
        if (memoryLimit is { } limit)
            environment[HeapVariable] = (limit / 4 * 3).ToString("X", CultureInfo.InvariantCulture);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Run} {Fence} {Parent:N} {Host:N} {Start.ToString().ToLowerInvariant()} {(IsAskedFor ? "asked" : "due")}");

    private static IsolatedRun? TryParse(string text)
    {
        var words = text.Split(' ');
        return words.Length == 6 && RunId.TryParse(words[0], out var run) && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var fence)
            && Guid.TryParse(words[2], out var parent) && Guid.TryParse(words[3], out var host) && Enum.TryParse<ProcessStart>(words[4], true, out var start)
            ? new IsolatedRun(run, fence, parent, host, start, words[5] == "asked")
            : null;
    }
}
