using System.Text;

namespace Fletcher.Model;

/// <summary>A variable or a secret as a store keeps it. Kind and name together identify it: a variable and a secret may have the same name.</summary>
public sealed record VariableRecord
{
    /// <summary>How many characters a name may have.</summary>
    public const int LongestName = 200;

    /// <summary>How many bytes a value may have as it is kept.</summary>
    public const int LargestValue = 128 * 1024;

    /// <summary>Whether it is a variable or a secret.</summary>
    public required VariableKind Kind { get; init; }

    /// <summary>Its name: 1 to 200 characters, none of them a control character, no white space at either end.</summary>
    public required string Name { get; init; }

    /// <summary>JSON in UTF-8 of a variable; the encrypted text of a secret. At most 128 KiB.</summary>
    public required ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>The value of a variable as JSON.</summary>
    /// <exception cref="InvalidOperationException">It is a secret.</exception>
    public string Json => Kind == VariableKind.Variable ? Encoding.UTF8.GetString(Value.Span) : throw new InvalidOperationException($"'{Name}' is a secret, and no JSON.");

    /// <summary>How often it was set, counted from 1; given by the store.</summary>
    public long Version { get; init; }

    /// <summary>When it was set last (UTC).</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Who set it last.</summary>
    public required string ChangedBy { get; init; }

    /// <summary>What it is for, or why it was changed; null when nobody said.</summary>
    public string? Note { get; init; }

    /// <summary>What is wrong with a name, as the end of a sentence; null when nothing is.</summary>
    internal static string? FindMistake(string? name) =>
        string.IsNullOrEmpty(name) ? "it is empty"
        : name.Length > LongestName ? $"it has {name.Length} characters; {LongestName} are allowed"
        : name.Any(char.IsControl) ? "it has a control character"
        : char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[^1]) ? "it begins or ends with white space"
        : null;
}
