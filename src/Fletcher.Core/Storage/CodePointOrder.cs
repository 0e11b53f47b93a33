namespace Fletcher.Storage;

/// <summary>
/// Compares texts by their code points, which is also the order of their bytes in UTF-8, and so that of databases. <see cref="StringComparer.Ordinal"/>
/// compares halves of pairs and puts characters beyond 16 bits before some that come first.
/// </summary>
public sealed class CodePointOrder : IComparer<string?>
{
    private const int FirstSurrogate = 0xD800;
    private const int BehindSurrogates = 0xE000;

    private CodePointOrder()
    {
    }

    /// <summary>The order.</summary>
    public static CodePointOrder Instance { get; } = new();

    /// <summary>Null comes first.</summary>
    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
            return (x is not null).CompareTo(y is not null);
        var length = Math.Min(x.Length, y.Length);
        var same = x.AsSpan(0, length).CommonPrefixLength(y);
        return same == length ? x.Length.CompareTo(y.Length) : Rank(x[same]).CompareTo(Rank(y[same]));
    }

    // Halves of pairs stand for code points behind all others.
    private static int Rank(char c) => c < FirstSurrogate ? c : c < BehindSurrogates ? c + 0x2000 : c - 0x800;
}
