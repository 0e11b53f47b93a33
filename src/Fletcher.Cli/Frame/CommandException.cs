namespace Fletcher.Cli;

/// <summary>What was asked for cannot be done. The message is all that the person sees: what, where, what to do.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCode.Failed) : Exception(message)
{
    internal int ExitCode { get; } = exitCode;
}
