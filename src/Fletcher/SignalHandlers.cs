using System.Collections;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Fletcher;

/// <summary>
/// Says who else in this process handles a signal: the program's own code, <c>Console.CancelKeyPress</c>, an application's host. .NET calls the handler that was
/// registered last first, so by the time of ours it cannot be seen whether another one will cancel the signal; and it keeps them in a private
/// list, which is read by reflection. SignalHandlersTests fails if a new runtime renames it, and then nobody else counts as there.
/// </summary>
internal static class SignalHandlers
{
    private static readonly FieldInfo? Registrations =
        typeof(PosixSignalRegistration).GetField("s_registrations", BindingFlags.Static | BindingFlags.NonPublic);

    /// <summary>How many handlers a signal has; null when that cannot be known.</summary>
    internal static int? Count(PosixSignal signal)
    {
        // The system's own numbers; on Windows those of Ctrl+C and of the shutdown.
        var number = (signal, OperatingSystem.IsWindows()) switch
        {
            (PosixSignal.SIGINT, false) => 2,
            (PosixSignal.SIGINT, true) => 0,
            (PosixSignal.SIGTERM, false) => 15,
            (PosixSignal.SIGTERM, true) => 6,
            _ => throw new ArgumentOutOfRangeException(nameof(signal), signal, null),
        };
        if (Registrations?.GetValue(null) is not IDictionary all)
            return null;
        lock (all)
            return (all[number] as ICollection)?.Count;
    }
}
