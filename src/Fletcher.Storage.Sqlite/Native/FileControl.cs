using System.Runtime.InteropServices;
using SQLitePCL;

namespace Fletcher.Storage.Sqlite;

/// <summary>The one call of SQLite that SQLitePCLRaw does not pass on.</summary>
internal static partial class FileControl
{
    private const string Library = "e_sqlite3";
    private const int HasMovedOperation = 20; // SQLITE_FCNTL_HAS_MOVED

    // A program may have chosen another SQLite (SQLCipher, the system's): a handle of one must not be given to the other.
    private static readonly bool IsOurLibrary = raw.GetNativeLibraryName() == Library;

    /// <summary>Whether the open file is no longer the one at its path; null when SQLite cannot be asked.</summary>
    public static bool? HasMoved(sqlite3 handle)
    {
        if (!IsOurLibrary)
            return null;

        var moved = 0;
        try
        {
            return Control(handle.DangerousGetHandle(), 0, HasMovedOperation, ref moved) == raw.SQLITE_OK ? moved != 0 : null;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_file_control")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int Control(nint handle, nint database, int operation, ref int result);
}
