namespace Fletcher.Storage.PostgreSql;

/// <summary>Makes lists of records fit for one statement.</summary>
internal static class Rows
{
    /// <summary>Of those with the same identity the last: a statement may write a row only once.</summary>
    public static IReadOnlyList<TRow> Last<TRow, TKey>(this IReadOnlyList<TRow> rows, Func<TRow, TKey> identity)
        where TKey : notnull
    {
        if (rows.Count == 1)
            return rows;

        var last = new Dictionary<TKey, TRow>(rows.Count);
        foreach (var row in rows)
            last[identity(row)] = row;
        return last.Count == rows.Count ? rows : [.. last.Values];
    }
}
