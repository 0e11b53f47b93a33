using System.Runtime.InteropServices;

namespace Fletcher.Torture.Conductor;

/// <summary>Signals to processes; the numbers are Linux's.</summary>
internal static partial class Signals
{
    private const int KillNumber = 9;
    private const int TerminateNumber = 15;
    private const int ContinueNumber = 18;
    private const int StopNumber = 19;

    public static void Kill(int process) => _ = Send(process, KillNumber);

    public static void Terminate(int process) => _ = Send(process, TerminateNumber);

    public static void Stop(int process) => _ = Send(process, StopNumber);

    public static void Continue(int process) => _ = Send(process, ContinueNumber);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
