using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Puts a folder's list of names on disk: on Unix a renamed file is only there after a power cut when its folder was synced
/// too. .NET opens no folders, so the C library is asked. Windows does this by itself (NTFS journals names).
/// </summary>
internal static partial class FolderSync
{
    private const int ReadOnly = 0;

    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;

        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
            throw new IOException($"The folder '{folder}' cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.FlushToDisk(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);
}
