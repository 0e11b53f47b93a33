using System.Data.Common;
using System.Globalization;
using System.Net.Http;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Fletcher.Diagnosis;

/// <summary>The structured codes that exceptions carry, each written with the word that says what kind of code it is.</summary>
internal static partial class FailureCodes
{
    internal const string Http = "HTTP ";
    internal const string SqlState = "SQLSTATE ";
    internal const string Sqlite = "SQLITE ";
    internal const string Socket = "SOCKET ";
    internal const string Errno = "ERRNO ";

    // ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL as Windows gives them in an HRESULT.
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int UnixNoSpace = 28;

    /// <summary>The code that this exception itself carries (not its inner ones), or null.</summary>
    internal static string? Of(Exception exception) => exception switch
    {
        HttpRequestException { StatusCode: { } status } => Http + ((int)status).ToString(CultureInfo.InvariantCulture),
        SocketException socket => Socket + socket.SocketErrorCode,
        DbException database => OfDatabase(database),
        IOException io => OfIo(io),
        System.ComponentModel.Win32Exception win32 =>
            Errno + win32.NativeErrorCode.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string? OfDatabase(DbException exception)
    {
        if (exception.SqlState is { Length: > 0 } state)
            return SqlState + state;

        // SqliteException keeps its code in a property of its own type, which Core does not know; its message begins with it.
        var match = SqliteCode().Match(exception.Message);
        return match.Success ? Sqlite + match.Groups[1].Value : null;
    }

    private static string? OfIo(IOException exception) => exception.HResult switch
    {
        WindowsDiskFull or WindowsHandleDiskFull => Errno + UnixNoSpace.ToString(CultureInfo.InvariantCulture),
        // On Unix .NET puts the plain errno into HResult; everything else there is a COM-style negative number.
        > 0 and < 4096 and var errno => Errno + errno.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    [GeneratedRegex(@"^SQLite Error (\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex SqliteCode();
}
