using System.Text;

namespace Fletcher.Terminal;

/// <summary>
/// Standard output or error of the program while a live region may stand at the end of the same terminal. Whole lines go
/// out at once, above the region; the start of a line waits for its end while the region is shown.
/// </summary>
internal sealed class LiveAwareWriter(TextWriter original, LiveRegion region, Func<bool> isActive) : TextWriter
{
    private const int MaxPending = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly StringBuilder _pending = new();

    public override Encoding Encoding => original.Encoding;

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void WriteLine(string? value) => Write(string.Concat(value, NewLine).AsSpan());

    public override void Write(ReadOnlySpan<char> buffer)
    {
        lock (_gate)
        {
            if (!isActive() && _pending.Length == 0)
            {
                region.PassThrough(original, buffer);
                return;
            }

            _pending.Append(buffer);
            Release(isActive() && _pending.Length < MaxPending ? buffer.LastIndexOf('\n') : buffer.Length - 1, buffer.Length);
        }
    }

    public override void Flush()
    {
        lock (_gate)
        {
            if (!isActive())
                ReleaseAll();
        }
    }

    /// <summary>Lets go what waits for the end of its line.</summary>
    internal void ReleaseAll()
    {
        lock (_gate)
            Release(_pending.Length - 1, _pending.Length);
    }

    // Everything up to this position within the last written part goes out.
    private void Release(int last, int written)
    {
        if (last < 0 || _pending.Length == 0)
            return;
        var count = _pending.Length - written + last + 1;
        region.PassThrough(original, _pending.ToString(0, count));
        _pending.Remove(0, count);
    }
}
