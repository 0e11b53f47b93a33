using System.Text;
using Spectre.Console;

namespace Fletcher.Terminal;

/// <summary>
/// The process's own standard error, whatever <see cref="Console.Error"/> was replaced with: the engine captures that one
/// for the run's log, and what Fletcher says is no step's output. What is written is collected until
/// <see cref="Commit"/>, so that a frame reaches the terminal whole.
/// </summary>
internal sealed class TerminalOutput : IAnsiConsoleOutput, IDisposable
{
    private readonly TextWriter _target;
    private readonly StringWriter _buffer = new(new StringBuilder(4096), System.Globalization.CultureInfo.InvariantCulture);
    private readonly Func<(int Width, int Height)> _size;

    internal TerminalOutput(TextWriter target, Func<(int Width, int Height)> size) => (_target, _size) = (target, size);

    /// <summary>Standard error.</summary>
    internal static TextWriter OpenStandardError()
    {
        var encoding = Console.OutputEncoding;
        // A byte order mark in the middle of a terminal's output would be shown by some.
        if (IsUnicode(encoding))
            encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new StreamWriter(Console.OpenStandardError(), encoding, 4096) { AutoFlush = false };
    }

    internal static bool IsUnicode(Encoding encoding) => encoding.CodePage is 65001 or 1200 or 1201 or 12000;

    /// <summary>The size of the terminal now; what is usual when it cannot be asked.</summary>
    internal static (int Width, int Height) MeasureTerminal()
    {
        try
        {
            var (width, height) = (Console.WindowWidth, Console.WindowHeight);
            return (width > 0 ? width : 80, height > 0 ? height : 24);
        }
        catch (Exception e) when (e is IOException or PlatformNotSupportedException)
        {
            return (80, 24);
        }
    }

    public TextWriter Writer => _buffer;

    public bool IsTerminal => true;

    public int Width => Math.Max(_size().Width, 20);

    public int Height => Math.Max(_size().Height, 5);

    public void SetEncoding(Encoding encoding)
    {
    }

    /// <summary>Lets go of the buffer; the target belongs to whoever gave it.</summary>
    public void Dispose() => _buffer.Dispose();

    /// <summary>Sends what was written.</summary>
    internal void Commit()
    {
        var text = _buffer.GetStringBuilder();
        _target.Write(text);
        _target.Flush();
        text.Clear();
    }
}
