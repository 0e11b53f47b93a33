using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Reads the columns of a row, in the types of the model.</summary>
internal static class Row
{
    public static string Text(this NpgsqlDataReader row, int column) => Texts.Decode(row.GetString(column));

    public static string? TextOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.Text(column);

    public static byte[] Bytes(this NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    public static byte[]? BytesOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.Bytes(column);

    public static RunId Run(this NpgsqlDataReader row, int column) => new(row.GetGuid(column));

    public static RunId? RunOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.Run(column);

    public static Guid? GuidOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);

    public static ContentHash Hash(this NpgsqlDataReader row, int column) => row.GetGuid(column).ToHash();

    public static DateTimeOffset Instant(this NpgsqlDataReader row, int column)
    {
        var at = row.GetDateTime(column);
        return at == DateTime.MaxValue ? DateTimeOffset.MaxValue : new DateTimeOffset(at, TimeSpan.Zero);
    }

    public static DateTimeOffset? InstantOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.Instant(column);

    public static int? IntegerOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt32(column);

    public static ErrorRecord? Error(this NpgsqlDataReader row, int column) => ErrorJson.Read(row.IsDBNull(column) ? null : row.GetString(column));

    public static IReadOnlyList<string> TextList(this NpgsqlDataReader row, int column) =>
        TextListJson.Read(row.IsDBNull(column) ? null : row.GetString(column));

    /// <summary>A stored value in four columns: format, content, hash and length; hash and length only of one that is in large_values.</summary>
    public static StoredValue? Value(this NpgsqlDataReader row, int first)
    {
        if (row.IsDBNull(first))
            return null;

        var format = (ValueFormat)row.GetInt16(first);
        if (row.IsDBNull(first + 2))
        {
            var content = row.Bytes(first + 1);
            return new StoredValue(format, content, Reference: null, ContentHash.Of(content), content.Length);
        }

        var hash = row.Hash(first + 2);
        return new StoredValue(format, Content: null, hash.ToString(), hash, row.GetInt64(first + 3));
    }
}
