using System.Text;
using Fletcher.Masking;
using Microsoft.Extensions.Logging;

namespace Fletcher.Engine;

/// <summary>Makes lines of the pieces that one strand writes to one stream. Safe for the threads that a body may start.</summary>
internal sealed class LineBuffer(Scope scope, LogLevel level, string category)
{
    /// <summary>A line longer than this is kept in pieces.</summary>
    private const int MaxLine = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly StringBuilder _begun = new();

    internal void Add(ReadOnlySpan<char> text)
    {
        lock (_gate)
        {
            for (var end = text.IndexOf('\n'); end >= 0; end = text.IndexOf('\n'))
            {
                _begun.Append(text[..end]);
                Emit();
                text = text[(end + 1)..];
            }

            _begun.Append(text);
            if (_begun.Length >= MaxLine)
                EmitPiece();
        }
    }

    /// <summary>Keeps what was written without an end of line.</summary>
    internal void Flush()
    {
        lock (_gate)
        {
            if (_begun.Length > 0)
                Emit();
        }
    }

    /// <summary>Keeps a piece of a line that is too long. What may be the beginning of a secret stays for the next piece.</summary>
    private void EmitPiece()
    {
        var text = _begun.ToString();
        var tail = Math.Min(SecretMask.TailOf(text), text.Length - 1);
        _begun.Length -= tail;
        Emit();
        _begun.Append(text.AsSpan(text.Length - tail));
    }

    private void Emit()
    {
        scope.Log(level, category, _begun.ToString().TrimEnd('\r'));
        _begun.Clear();
    }
}
