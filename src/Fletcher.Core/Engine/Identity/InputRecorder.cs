using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fletcher.Masking;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>
/// Makes of a call's inputs its identity (a hash of each input's content, in order) and a JSON object for people.
/// Parameter names take no part in the identity: renaming one is no reason to run again.
/// </summary>
internal sealed class InputRecorder : InputWriter
{
    private const int PreviewLimit = 4096;

    [ThreadStatic]
    private static InputRecorder? _pooled;

    private readonly ArrayBufferWriter<byte> _identity = new(256);
    private readonly ArrayBufferWriter<byte> _inputs = new(256);
    private ValueCodec _codec = null!;
    private ResultTracker? _results;
    private Call _call = null!;
    private bool _any;
    private int _limit;

    /// <summary>The identity and inputs of a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="prefix">What the identity begins with: the enclosing step run's, or default.</param>
    /// <param name="kind">Tells apart uses of the same method that are not the same work; 0 for a plain call.</param>
    /// <param name="codec">How values are written.</param>
    /// <param name="results">
    /// The results of the run so far; null when there is no run yet. Then the JSON object has every value in full, as the flow is called with it again by
    /// whoever resumes the run; else long ones are shortened, as it is for people.
    /// </param>
    internal static (ContentHash Hash, byte[]? Inputs) Record(
        Call call, StepKey prefix, byte kind, ValueCodec codec, ResultTracker? results)
    {
        var recorder = _pooled ?? new InputRecorder();
        _pooled = null; // a property getter of the user's may call a step in turn
        try
        {
            return recorder.RecordCore(call, prefix, kind, codec, results);
        }
        finally
        {
            recorder._identity.ResetWrittenCount();
            recorder._inputs.ResetWrittenCount();
            if (recorder._identity.Capacity + recorder._inputs.Capacity < 256 * 1024)
                _pooled = recorder;
        }
    }

    public override void Add<T>(string name, T value)
    {
        WriteRaw(_any ? ",\""u8 : "{\""u8);
        WriteText(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(name));
        WriteRaw("\":"u8);
        _any = true;

        if (!typeof(T).IsValueType && value is not null && _results is not null && _results.TryGet(value, out var result)
            && (result.Length > ResultTracker.TrustedLength || HashOf(value, null).Hash == result.LiveHash))
        {
            AddHash(result.Hash);
            WriteText(string.Create(CultureInfo.InvariantCulture, $"{{\"$step\":{result.Sequence}}}"));
            return;
        }

        if (_limit == int.MaxValue && value is byte[] bytes)
        {
            AddHash(ContentHash.Of(bytes));
            WriteText($"\"{Convert.ToBase64String(bytes)}\"");
            return;
        }

        var (hash, length) = HashOf(value, _inputs);
        AddHash(hash);
        if (length > _limit || value is byte[])
            WriteText(string.Create(CultureInfo.InvariantCulture, $"{{\"$length\":{length},\"$hash\":\"{hash}\",\"$start\":{Start(value)}}}"));
    }

    private (ContentHash Hash, byte[]? Inputs) RecordCore(
        Call call, StepKey prefix, byte kind, ValueCodec codec, ResultTracker? results)
    {
        (_call, _codec, _results, _any) = (call, codec, results, false);
        _limit = results is null ? int.MaxValue : PreviewLimit;

        if (!prefix.Hash.IsEmpty)
        {
            AddHash(prefix.Hash);
            var occurrence = _identity.GetSpan(4);
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(occurrence, prefix.Occurrence);
            _identity.Advance(4);
        }

        _identity.Write(Encoding.UTF8, call.Definition.Id);
        _identity.Write([kind]);
        if (call.RenderKey() is { } key)
        {
            // A key stands for all inputs; they are still kept for people.
            _identity.Write(Encoding.UTF8, key);
            var hash = ContentHash.Of(_identity.WrittenSpan);
            call.WriteInputs(this);
            return (hash, Inputs());
        }

        call.WriteInputs(this);
        return (ContentHash.Of(_identity.WrittenSpan), Inputs());
    }

    private byte[]? Inputs()
    {
        if (!_any)
            return null;
        WriteRaw("}"u8);
        var inputs = _inputs.WrittenSpan.ToArray();

        // What is only shown is masked where it leaves; this the flow is called with again.
        return _results is null ? _codec.ProtectProperties(inputs) : inputs;
    }

    private (ContentHash Hash, int Length) HashOf<T>(T value, ArrayBufferWriter<byte>? preview)
    {
        try
        {
            var limit = value is byte[]? 0 : _limit;
            return _codec.Hash(value, preview, limit);
        }
        catch (Exception e) when (e is not FletcherException)
        {
            throw ValueErrors.Input(_call.Definition.Id, typeof(T), value, e);
        }
    }

    private void AddHash(ContentHash hash)
    {
        hash.WriteTo(_identity.GetSpan(16));
        _identity.Advance(16);
    }

    private static string Start<T>(T value)
    {
        // Half a surrogate pair, at the cut or in the value itself, is no text that JSON could hold.
        // Masked before the cut: the half of a secret is not known as one.
        var text = value is string s && SecretMask.Mask(s) is var shown ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(shown[..Math.Min(shown.Length, 200)])) : typeof(T).Name;
        return $"\"{JsonEncodedText.Encode(text)}\"";
    }

    private void WriteRaw(ReadOnlySpan<byte> utf8) => _inputs.Write(utf8);

    private void WriteText(string text) => _inputs.Write(Encoding.UTF8, text);
}

/// <summary>Writes text into a buffer of UTF-8.</summary>
internal static class BufferWriterExtensions
{
    internal static void Write(this ArrayBufferWriter<byte> buffer, Encoding encoding, string text)
    {
        var span = buffer.GetSpan(encoding.GetMaxByteCount(text.Length));
        buffer.Advance(encoding.GetBytes(text, span));
    }
}
