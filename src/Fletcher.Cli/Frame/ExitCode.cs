namespace Fletcher.Cli;

/// <summary>How the command ends. The numbers are part of its contract (docs/cli.md) and never change.</summary>
internal static class ExitCode
{
    /// <summary>What was asked for was done; a run that was watched completed.</summary>
    internal const int Ok = 0;

    /// <summary>It could not be done, or there is no such thing; a run that was watched failed or crashed; the doctor found something.</summary>
    internal const int Failed = 1;

    /// <summary>The command line is wrong. Nothing was done.</summary>
    internal const int Usage = 2;

    /// <summary>The store cannot be used: it is not there, of another version, cannot be reached, or is damaged.</summary>
    internal const int Store = 3;

    /// <summary>A run that was watched was cancelled.</summary>
    internal const int Cancelled = 4;

    /// <summary>A run that was watched did not end in time.</summary>
    internal const int TimedOut = 5;

    /// <summary>Ctrl+C.</summary>
    internal const int Interrupted = 130;
}
