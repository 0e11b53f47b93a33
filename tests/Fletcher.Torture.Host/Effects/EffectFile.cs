using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Fletcher.Torture.Effects;

/// <summary>
/// The file to which all processes append what they do. Each line is one <c>write</c> with <c>O_APPEND</c>, which .NET's own
/// streams do not use: the order of the lines is the order in which things happened, over all processes.
/// </summary>
internal sealed partial class EffectFile : IDisposable
{
    private const int WriteOnlyCreateAppend = 0x1 | 0x40 | 0x400;
    private const int OwnerReadsAndWrites = 0x180;

    private readonly SafeFileHandle _file;

    public EffectFile(string path)
    {
        _file = Open(path, WriteOnlyCreateAppend, OwnerReadsAndWrites);
        if (_file.IsInvalid)
            throw new IOException($"'{path}' cannot be opened: error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Milliseconds since 1970 (UTC), by the clock that the hosts have too.</summary>
    public static double Now => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds;

    public void Append(Effect effect)
    {
        var bytes = Encoding.UTF8.GetBytes(effect.Format());
        if (Write(_file, bytes, bytes.Length) != bytes.Length)
            throw new IOException($"A line could not be written: error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>The whole lines of a file, in order.</summary>
    public static List<Effect> Read(string path)
    {
        var effects = new List<Effect>();
        if (!File.Exists(path))
            return effects;
        var offset = 0L;
        foreach (var line in File.ReadAllText(path).Split('\n'))
        {
            if (Effect.Parse(line, offset) is { } effect)
                effects.Add(effect);
            offset += Encoding.UTF8.GetByteCount(line) + 1;
        }

        return effects;
    }

    public void Dispose() => _file.Dispose();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, nint count);
}
