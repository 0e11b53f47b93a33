using System.ComponentModel;
using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher;

/// <summary>
/// The host of a program that did not make one: runs are kept in the per-user SQLite store, shown on the console, and what
/// steps write to the console is kept with them.
/// </summary>
/// <remarks>
/// <para><c>FLETCHER_STORE</c>: the path of another store file, or <c>memory</c>. <c>FLETCHER_RETRY</c>: the run to continue.
/// <c>FLETCHER_CONSOLE</c>: <c>live</c>, <c>plain</c> or <c>off</c>.</para>
/// <para>When the program ends in good order, runs that were started with <c>Flow.Start</c> are waited for. The first SIGTERM or Ctrl+C hands its runs
/// over: steps get their token and 10 seconds, the code that waits for a flow gets a <see cref="RunHandedOverException"/>, and the program ends with 143 or 130.
/// The second ends it at once. Either way the runs are continued the next time.</para>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ProgramHost
{
    private const string StoreVariable = "FLETCHER_STORE";
    private const string RetryVariable = "FLETCHER_RETRY";

    /// <summary>Makes the host. Called by the engine, by name, at a program's first flow.</summary>
    public static FletcherHost Create()
    {
        var end = new ProgramEnd();
        try
        {
            var options = CreateOptions();
            options.Retry = ReadRetry();
            options.UseConsole();
            var host = new FletcherHost(options);
            end.Take(host, options.ShutdownGrace);
            return host;
        }
        finally
        {
            // Behind the console's own handler, which ends the program when it has explained the failure.
            end.TellOwnErrors();
        }
    }

    /// <summary>What the environment says of the store, for every process of the program.</summary>
    internal static FletcherOptions CreateOptions()
    {
        var options = new FletcherOptions { CaptureConsole = true, ProcessStart = ProcessStart.Hook };
        return string.Equals(Environment.GetEnvironmentVariable(StoreVariable), "memory", StringComparison.OrdinalIgnoreCase) ? options.UseMemory() : options.UseSqlite();
    }

    private static RunId? ReadRetry()
    {
        var text = Environment.GetEnvironmentVariable(RetryVariable)?.Trim();
        if (string.IsNullOrEmpty(text))
            return null;
        return RunId.TryParse(text, out var run) ? run : throw new FletcherUsageException(
            "FLT1406", $"{RetryVariable} is '{text}', which is not a run id: expected 26 letters and digits, as a failed run prints them.");
    }
}
