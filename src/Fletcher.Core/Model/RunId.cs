using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Fletcher.Model;

/// <summary>
/// The identity of a flow run: a version 7 UUID (RFC 9562), so ids sort by creation time. It is written as
/// 26 lower-case characters of Crockford's base 32, which have no letters that look like digits.
/// </summary>
public readonly record struct RunId(Guid Value) : IComparable<RunId>, ISpanParsable<RunId>
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Length = 26;

    /// <summary>Makes a new id from the time of <paramref name="time"/>.</summary>
    public static RunId New(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new RunId(Guid.CreateVersion7(time.GetUtcNow()));
    }

    /// <summary>Whether this is the default value, which identifies no run.</summary>
    public bool IsEmpty => Value == Guid.Empty;

    /// <summary>The id that sorts before all that are made at this time or later.</summary>
    internal static RunId FirstAt(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Math.Max(0, time.ToUnixTimeMilliseconds()) << 16);
        return new RunId(new Guid(bytes, bigEndian: true));
    }

    /// <summary>The 26 characters of this id.</summary>
    public override string ToString() => string.Create(Length, ToNumber(Value), static (chars, number) =>
    {
        for (var i = chars.Length - 1; i >= 0; i--)
        {
            chars[i] = Alphabet[(int)(number & 31)];
            number >>= 5;
        }
    });

    /// <summary>The last eight characters, enough to tell runs apart in a list.</summary>
    public string ToShortString() => ToString()[^8..];

    /// <summary>Orders ids by creation time.</summary>
    public int CompareTo(RunId other) => ToNumber(Value).CompareTo(ToNumber(other.Value));

    /// <summary>Reads the 26 characters that <see cref="ToString"/> writes; case does not matter.</summary>
    /// <exception cref="FormatException">The text is not a run id.</exception>
    public static RunId Parse(string text) => Parse(text, null);

    /// <inheritdoc cref="Parse(string)"/>
    public static RunId Parse(string s, IFormatProvider? provider)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc cref="Parse(string)"/>
    public static RunId Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => TryParse(s, provider, out var id)
        ? id
        : throw new FormatException($"'{s}' is not a run id: expected {Length} characters such as '{new RunId(Guid.Empty)}'.");

    /// <summary>Reads a run id, or says that the text is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out RunId id) => TryParse(text.AsSpan(), null, out id);

    /// <inheritdoc cref="TryParse(string?, out RunId)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out RunId result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc cref="TryParse(string?, out RunId)"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out RunId result)
    {
        result = default;
        if (s.Length != Length)
            return false;

        var number = UInt128.Zero;
        foreach (var c in s)
        {
            var digit = Alphabet.IndexOf(char.ToLowerInvariant(c), StringComparison.Ordinal);
            if (digit < 0 || number >> 123 != 0)
                return false;
            number = (number << 5) | (uint)digit;
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        result = new RunId(new Guid(bytes, bigEndian: true));
        return true;
    }

    /// <summary>Orders ids by creation time.</summary>
    public static bool operator <(RunId left, RunId right) => left.CompareTo(right) < 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator <=(RunId left, RunId right) => left.CompareTo(right) <= 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator >(RunId left, RunId right) => left.CompareTo(right) > 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator >=(RunId left, RunId right) => left.CompareTo(right) >= 0;

    private static UInt128 ToNumber(Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
