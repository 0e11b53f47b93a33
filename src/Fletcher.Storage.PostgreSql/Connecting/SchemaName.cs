using System.Text.RegularExpressions;

namespace Fletcher.Storage.PostgreSql;

/// <summary>The schema that holds Fletcher's tables. As text it is quoted, to stand in front of a table's name.</summary>
internal sealed partial class SchemaName
{
    private const int Longest = 48; // the server's 63 less the ends of the names that are made of it

    /// <exception cref="ArgumentException">It is not of letters, digits and underscores, or too long.</exception>
    public SchemaName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length > Longest || !Allowed().IsMatch(name))
        {
            throw new ArgumentException(
                $"'{name}' cannot be the schema: it must be of letters from a to z, digits and underscores, begin with no digit, and have {Longest} at the most.",
                nameof(name));
        }

        Name = name;
    }

    public string Name { get; }

    /// <summary>Where it is told that something was written that hosts look for.</summary>
    public string Channel => $"\"{Name}\"";

    public override string ToString() => $"\"{Name}\"";

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Allowed();
}
