using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;

namespace Fletcher.Model;

/// <summary>
/// A 128-bit hash of content (XXH128, as specified by the xxHash project). It tells contents apart; it is not a
/// signature and gives no protection against someone who makes collisions on purpose.
/// </summary>
public readonly record struct ContentHash(UInt128 Value)
{
    /// <summary>The hash of these bytes.</summary>
    public static ContentHash Of(ReadOnlySpan<byte> content) => new(XxHash128.HashToUInt128(content));

    /// <summary>Whether this is the default value, which stands for no content.</summary>
    public bool IsEmpty => Value == UInt128.Zero;

    /// <summary>Writes the 16 bytes, most significant first.</summary>
    public void WriteTo(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    /// <summary>The 16 bytes, most significant first.</summary>
    public byte[] ToByteArray()
    {
        var bytes = new byte[16];
        WriteTo(bytes);
        return bytes;
    }

    /// <summary>Reads the 16 bytes that <see cref="WriteTo"/> writes.</summary>
    public static ContentHash FromBytes(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
