using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Fletcher.Hosting;
using Fletcher.Masking;
using Fletcher.Model;

namespace Fletcher.Engine;

/// <summary>
/// Turns parameters and results into bytes and back. JSON, except for what JSON cannot hold: byte arrays stay bytes, and
/// strings longer than a JSON token may be (System.Text.Json allows about 166 million characters) stay text.
/// </summary>
/// <param name="options">How values become JSON.</param>
/// <param name="vault">Encrypts values that have a secret in them; null where none is written.</param>
internal sealed class ValueCodec(JsonSerializerOptions options, SecretVault? vault = null)
{
    private const int LongText = 32 * 1024 * 1024;
    private const int MostDepth = 1024;
    private const string ProtectedProperty = "$protected";

    /// <summary>Whether the program has not changed how simple values are written.</summary>
    private readonly bool _isPlain = options.Converters.Count == 0
        && options.NumberHandling == JsonNumberHandling.AllowNamedFloatingPointLiterals && options.Encoder is null;

    // A writer and its buffer are some hundred bytes that every step would allocate; each thread keeps one pair.
    [ThreadStatic]
    private static PooledJson? _pooled;

    internal JsonSerializerOptions Options => options;

    internal static JsonSerializerOptions CreateOptions() => new()
    {
        // Named here because file-based programs switch the implicit reflection-based resolver off.
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        IncludeFields = true, // tuples
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    internal StoredValue Encode<T>(T value)
    {
        if (typeof(T) == typeof(byte[]) && value is not null)
            return Stored(ValueFormat.Bytes, (byte[])((byte[])(object)value).Clone());
        if (value is string { Length: > LongText } text)
            return Stored(ValueFormat.Text, Encoding.UTF8.GetBytes(text));

        var pooled = Rent();
        try
        {
            Write(pooled.Writer, value);
            return Stored(ValueFormat.Json, pooled.Buffer.WrittenSpan.ToArray());
        }
        finally
        {
            Return(pooled);
        }
    }

    internal T Decode<T>(ValueFormat format, ReadOnlyMemory<byte> content) => format switch
    {
        ValueFormat.Bytes => (T)(object)content.ToArray(),
        ValueFormat.Text => (T)(object)Encoding.UTF8.GetString(content.Span),
        ValueFormat.Protected => DecodeProtected<T>(Vault.UnprotectValue(content.ToArray())),
        _ => JsonSerializer.Deserialize(content.Span, Info<T>())!,
    };

    /// <summary>The hash that <see cref="Encode"/> would give, without keeping the bytes; their text goes to <paramref name="preview"/>.</summary>
    internal (ContentHash Hash, int Length) Hash<T>(T value, IBufferWriter<byte>? preview, int previewLimit)
    {
        if (typeof(T) == typeof(byte[]) && value is not null)
            return (ContentHash.Of((byte[])(object)value), ((byte[])(object)value).Length);
        if (value is string { Length: > LongText } text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            return (ContentHash.Of(bytes), bytes.Length);
        }

        var pooled = Rent();
        try
        {
            Write(pooled.Writer, value);
            var json = pooled.Buffer.WrittenSpan;
            if (preview is not null && json.Length <= previewLimit)
                preview.Write(json);
            return (ContentHash.Of(json), json.Length);
        }
        finally
        {
            Return(pooled);
        }
    }

    /// <summary>Encrypts those properties of a JSON object that have a secret in them; the others stay as they are.</summary>
    internal byte[] ProtectProperties(byte[] json)
    {
        if (vault is null || !SecretMask.IsActive || !JsonMask.IsIn(json))
            return json;
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MostDepth });
        var buffer = new ArrayBufferWriter<byte>(json.Length);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, MaxDepth = MostDepth }))
        {
            writer.WriteStartObject();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                writer.WritePropertyName(property.Name);
                var value = Encoding.UTF8.GetBytes(property.Value.GetRawText());
                if (JsonMask.IsIn(value))
                    writer.WriteRawValue($"{{\"{ProtectedProperty}\":\"{Convert.ToBase64String(vault.ProtectValue(value))}\"}}", skipInputValidation: true);
                else
                    writer.WriteRawValue(value, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a property of a JSON object, encrypted or not.</summary>
    internal T Read<T>(JsonElement value) => IsProtected(value)
        ? JsonSerializer.Deserialize(Vault.UnprotectValue(value.GetProperty(ProtectedProperty).GetBytesFromBase64()), Info<T>())!
        : value.Deserialize(Info<T>())!;

    /// <summary>Whether a JSON value is what <see cref="ProtectProperties"/> made of another one.</summary>
    internal static bool IsProtected(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() == 1 && value.TryGetProperty(ProtectedProperty, out var content) && content.ValueKind == JsonValueKind.String;

    private void Write<T>(Utf8JsonWriter writer, T value)
    {
        // The serializer's first use costs a program's start some 20 ms, and simple values do not need it.
        if (!_isPlain)
            JsonSerializer.Serialize(writer, value, Info<T>());
        else if (typeof(T) == typeof(int))
            writer.WriteNumberValue((int)(object)value!);
        else if (typeof(T) == typeof(long))
            writer.WriteNumberValue((long)(object)value!);
        else if (typeof(T) == typeof(bool))
            writer.WriteBooleanValue((bool)(object)value!);
        else if (typeof(T) == typeof(string))
            writer.WriteStringValue((string?)(object?)value);
        else if (typeof(T) == typeof(Guid))
            writer.WriteStringValue((Guid)(object)value!);
        else
            JsonSerializer.Serialize(writer, value, Info<T>());
        writer.Flush();
    }

    private JsonTypeInfo<T> Info<T>() => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));

    /// <summary>
    /// A value with a secret in it must come back as it is, so it is not masked but encrypted. Its hash is that of the encrypted bytes: that of the clear ones would tell the secret to who guesses it.
    /// </summary>
    private StoredValue Stored(ValueFormat format, byte[] content)
    {
        if (vault is not null && SecretMask.IsActive && (format == ValueFormat.Json ? JsonMask.IsIn(content) : SecretMask.IsIn(content)))
            (format, content) = (ValueFormat.Protected, vault.ProtectValue([(byte)format, .. content]));
        return new(format, content, null, ContentHash.Of(content), content.Length);
    }

    private T DecodeProtected<T>(byte[] clear) => Decode<T>((ValueFormat)clear[0], clear.AsMemory(1));

    private SecretVault Vault => vault ?? throw new InvalidOperationException("It is encrypted, and there is nothing to decrypt it with.");

    private static PooledJson Rent()
    {
        var pooled = _pooled ?? new PooledJson();
        _pooled = null; // a converter of the user's may serialise in turn
        return pooled;
    }

    private static void Return(PooledJson pooled)
    {
        if (pooled.Reset())
            _pooled = pooled;
    }

    private sealed class PooledJson
    {
        private const int KeptCapacity = 256 * 1024;

        internal PooledJson()
        {
            Buffer = new ArrayBufferWriter<byte>(256);
            Writer = new Utf8JsonWriter(Buffer, new JsonWriterOptions { SkipValidation = true });
        }

        internal ArrayBufferWriter<byte> Buffer { get; }

        internal Utf8JsonWriter Writer { get; }

        /// <summary>Empties it; false when it has grown too large to be kept.</summary>
        internal bool Reset()
        {
            Buffer.ResetWrittenCount();
            Writer.Reset();
            return Buffer.Capacity <= KeptCapacity;
        }
    }
}
