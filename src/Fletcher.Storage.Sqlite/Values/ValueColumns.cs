using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// A stored value as four columns: format, content, file, length. Content and file exclude each other; the length is only
/// kept with a file. The hash of content in the row is computed when read: that is cheaper than 16 more bytes in each row.
/// </summary>
internal static class ValueColumns
{
    public static void Bind(Statement statement, int first, StoredValue? value, int threshold)
    {
        if (value is null)
        {
            statement.BindNull(first).BindNull(first + 1).BindNull(first + 2).BindNull(first + 3);
            return;
        }

        statement.Bind(first, (long)value.Format);
        if (IsInRow(value, threshold))
            statement.Bind(first + 1, value.Content).BindNull(first + 2).BindNull(first + 3);
        else
            statement.BindNull(first + 1).Bind(first + 2, FileOf(value)).Bind(first + 3, value.Length);
    }

    public static StoredValue? Read(Statement row, int first)
    {
        if (row.IsNull(first))
            return null;

        var format = (ValueFormat)row.GetInt32(first);
        if (row.IsNull(first + 2))
        {
            var content = row.GetBytes(first + 1) ?? [];
            return new StoredValue(format, content, Reference: null, ContentHash.Of(content), content.Length);
        }

        var hash = row.GetHash(first + 2);
        return new StoredValue(format, Content: null, hash.ToString(), hash, row.GetInt64(first + 3));
    }

    /// <summary>Whether the value goes into the row; otherwise its content is, or will be, in a file.</summary>
    public static bool IsInRow(StoredValue value, int threshold) => value.Content is { } content && content.Length <= threshold;

    /// <summary>The hash after which the value's file is named.</summary>
    public static ContentHash FileOf(StoredValue value)
    {
        if (value.Content is not null)
            return value.Hash;

        return value.Reference is { Length: 32 } reference
            && UInt128.TryParse(reference, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
                ? new ContentHash(number)
                : throw new ArgumentException(
                    $"'{value.Reference}' is not a reference that this store gave out.", nameof(value));
    }
}
