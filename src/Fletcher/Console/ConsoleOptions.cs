using Microsoft.Extensions.Logging;

namespace Fletcher.Terminal;

// The namespace is not Fletcher.Console, as then 'Console' would mean a namespace in every namespace below Fletcher.

/// <summary>How Fletcher shows runs on the console. Everything it says goes to standard error: standard output is the program's own.</summary>
public sealed class ConsoleOptions
{
    /// <summary>
    /// The form. Default null: what the environment variable <c>FLETCHER_CONSOLE</c> says (<c>live</c>, <c>plain</c> or <c>off</c>);
    /// without it <see cref="ConsoleMode.Live"/> on a terminal, and <see cref="ConsoleMode.Plain"/> when standard error is
    /// redirected, <c>NO_COLOR</c> or <c>CI</c> is set, or <c>TERM</c> is <c>dumb</c>.
    /// </summary>
    public ConsoleMode? Mode { get; set; }

    /// <summary>
    /// From which level on lines that steps write to a logger are shown too. Default <see cref="LogLevel.None"/>: they are kept
    /// with the run, and an application's own log provider shows them.
    /// </summary>
    public LogLevel EchoLogsFrom { get; set; } = LogLevel.None;

    internal ConsoleMode Resolve(Func<string, string?> environment, bool isErrorRedirected)
    {
        if (Mode is { } mode)
            return mode;
        switch (environment("FLETCHER_CONSOLE")?.Trim().ToUpperInvariant())
        {
            case "LIVE":
                return ConsoleMode.Live;
            case "PLAIN":
                return ConsoleMode.Plain;
            case "OFF":
                return ConsoleMode.Off;
        }

        // https://no-color.org: set and not empty, whatever the value.
        var wantsPlain = isErrorRedirected
            || !string.IsNullOrEmpty(environment("NO_COLOR"))
            || environment("TERM") is "dumb"
            || environment("CI") is { Length: > 0 } ci && !ci.Equals("false", StringComparison.OrdinalIgnoreCase);
        return wantsPlain ? ConsoleMode.Plain : ConsoleMode.Live;
    }
}
