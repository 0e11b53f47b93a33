using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Where a stored value goes: its content into the row, or its hash, when the content is a row of large_values.</summary>
internal sealed class ValueColumns(int threshold)
{
    /// <summary>Whether the value goes into the row; otherwise its content is, or will be, in large_values.</summary>
    public bool IsInRow(StoredValue value) => value.Content is { } content && content.Length <= threshold;

    public byte[]? Content(StoredValue? value) => value is not null && IsInRow(value) ? value.Content : null;

    public Guid? Hash(StoredValue? value) => value is null || IsInRow(value) ? null : LargeHash(value).ToGuid();

    public long? Length(StoredValue? value) => value is null || IsInRow(value) ? null : value.Length;

    public static short? Format(StoredValue? value) => (short?)value?.Format;

    /// <summary>The hash under which the content of a large value is kept.</summary>
    public static ContentHash LargeHash(StoredValue value)
    {
        if (value.Content is not null)
            return value.Hash;

        return value.Reference is { Length: 32 } reference
            && UInt128.TryParse(reference, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
                ? new ContentHash(number)
                : throw new ArgumentException($"'{value.Reference}' is not a reference that this store gave out.", nameof(value));
    }
}
