using System.Runtime.InteropServices;

namespace Fletcher.Torture;

/// <summary>Kills this process when the one that started it ends, however it ends and even if this process is stopped.</summary>
internal static partial class DeathOfParent
{
    private const int SetParentDeathSignal = 1;
    private const nint Kill = 9;

    /// <summary>Asks the system for it. The thread that started this process must live as long as its process.</summary>
    public static void Follow(int parent)
    {
        _ = Control(SetParentDeathSignal, Kill, 0, 0, 0);
        if (ParentId() != parent)
            Environment.Exit(1); // it was gone before the question
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nint second, nint third, nint fourth, nint fifth);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int ParentId();
}
