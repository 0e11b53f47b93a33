using System.Text;
using Fletcher.Masking;
using Microsoft.Extensions.Logging;

namespace Fletcher.Engine;

/// <summary>
/// Puts writers in front of <see cref="Console.Out"/> and <see cref="Console.Error"/> that pass everything on and keep whole
/// lines in the log of the step or flow that wrote them. Secrets are masked, on the console in what is written at once, in the log in whole lines.
/// </summary>
internal sealed class ConsoleCapture(TextWriter inner, LogLevel level, string category) : TextWriter
{
    private static int _installed;

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
        Pass(buffer.AsSpan(index, count));
        Keep(buffer.AsSpan(index, count));
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        Pass(buffer);
        Keep(buffer);
    }

    public override void Write(string? value)
    {
        inner.Write(SecretMask.Mask(value));
        Keep(value);
    }

    public override void WriteLine(string? value)
    {
        inner.WriteLine(SecretMask.Mask(value));
        Keep(value);
        Keep("\n");
    }

    public override void WriteLine()
    {
        inner.WriteLine();
        Keep("\n");
    }

    public override void Flush() => inner.Flush();

    private void Pass(ReadOnlySpan<char> text)
    {
        if (SecretMask.Replace(text) is { } masked)
            inner.Write(masked);
        else
            inner.Write(text);
    }

    private void Keep(ReadOnlySpan<char> text)
    {
        if (Ambient.Current is Scope scope)
            scope.Lines(category, level).Add(text);
    }
}
