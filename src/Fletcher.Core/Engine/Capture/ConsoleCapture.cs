using System.Text;
using Microsoft.Extensions.Logging;

namespace Fletcher.Engine;

/// <summary>
/// Puts writers in front of <see cref="Console.Out"/> and <see cref="Console.Error"/> that pass everything on and keep whole
/// lines in the log of the step or flow that wrote them.
/// </summary>
internal sealed class ConsoleCapture(TextWriter inner, LogLevel level, string category) : TextWriter
{
    private static int _installed;

    /// <summary>A line longer than this is kept in pieces.</summary>
    private const int MaxLine = 16 * 1024;

    private readonly AsyncLocal<StringBuilder?> _line = new();

    public override Encoding Encoding => inner.Encoding;

    /// <summary>Puts the writers in place, once a process.</summary>
    /// <param name="coordinate">Wraps the console's own writers first; given the writer and whether it is standard error.</param>
    internal static void Install(Func<TextWriter, bool, TextWriter>? coordinate)
    {
        if (Interlocked.Exchange(ref _installed, 1) != 0)
            return;
        coordinate ??= static (writer, _) => writer;
        Console.SetOut(new ConsoleCapture(coordinate(Console.Out, false), LogLevel.Information, "stdout"));
        Console.SetError(new ConsoleCapture(coordinate(Console.Error, true), LogLevel.Warning, "stderr"));
    }

    public override void Write(char value)
    {
        inner.Write(value);
        Keep([value]);
    }

    public override void Write(char[] buffer, int index, int count)
    {
        inner.Write(buffer, index, count);
        Keep(buffer.AsSpan(index, count));
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        inner.Write(buffer);
        Keep(buffer);
    }

    public override void Write(string? value)
    {
        inner.Write(value);
        Keep(value);
    }

    public override void WriteLine(string? value)
    {
        inner.WriteLine(value);
        Keep(value);
        Keep("\n");
    }

    public override void WriteLine()
    {
        inner.WriteLine();
        Keep("\n");
    }

    public override void Flush() => inner.Flush();

    private void Keep(ReadOnlySpan<char> text)
    {
        if (Ambient.Current is not Scope scope)
            return;
        while (!text.IsEmpty)
        {
            var end = text.IndexOf('\n');
            var part = end < 0 ? text : text[..end];
            var line = _line.Value;
            if (end < 0)
            {
                line ??= _line.Value = new StringBuilder();
                line.Append(part);
                if (line.Length >= MaxLine)
                    Emit(scope, line, []);
                return;
            }

            Emit(scope, line, part);
            text = text[(end + 1)..];
        }
    }

    private void Emit(Scope scope, StringBuilder? begun, ReadOnlySpan<char> rest)
    {
        var text = begun is { Length: > 0 } ? begun.Append(rest).ToString() : rest.ToString();
        begun?.Clear();
        scope.Log(level, category, text.TrimEnd('\r'));
    }
}
