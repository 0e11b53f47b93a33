namespace Fletcher.Model;

/// <summary>How the bytes of a stored value are to be read. The values are stored; their numbers never change.</summary>
public enum ValueFormat
{
    /// <summary>UTF-8 JSON, written by System.Text.Json.</summary>
    Json = 0,
    /// <summary>The bytes themselves: the result of a step that returns <see cref="byte"/>[].</summary>
    Bytes = 1,
    /// <summary>UTF-8 text without quotes: a string too long to be a JSON token.</summary>
    Text = 2,
    /// <summary>Encrypted, as it has the text of a secret in it: the number of its own format and its bytes.</summary>
    Protected = 3,
}

/// <summary>
/// A result as it is kept: bytes in the row, or, above the store's threshold, in a place beside it that only the
/// store can read (<see cref="Storage.IRunStore.ReadValueAsync"/>).
/// </summary>
/// <param name="Format">How to read the bytes.</param>
/// <param name="Content">The bytes, or null when they are kept beside the row.</param>
/// <param name="Reference">Where the store keeps the bytes when they are not in the row; null otherwise.</param>
/// <param name="Hash">The hash of the bytes; by it an argument is recognised as this result.</param>
/// <param name="Length">How many bytes there are.</param>
public sealed record StoredValue(ValueFormat Format, byte[]? Content, string? Reference, ContentHash Hash, long Length);
