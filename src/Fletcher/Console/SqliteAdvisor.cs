using System.Text.RegularExpressions;
using Fletcher.Diagnosis;
using Fletcher.Model;
using Fletcher.Storage;
using Microsoft.Data.Sqlite;

namespace Fletcher.Terminal;

/// <summary>
/// Knows what to say when SQLite misses a table or column: it looks into the database for one with a similar name.
/// </summary>
internal sealed partial class SqliteAdvisor(IRunStore store) : IFailureAdvisor
{
    private const int MaxNamed = 8;

    public ValueTask<string?> AdviseAsync(FailureContext context, CancellationToken cancellationToken)
    {
        if (FindMissing(context.Error) is not { } missing)
            return default;

        string? fallback = null;
        foreach (var file in SqliteFiles.Candidates(context, store.Description))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var (isSure, advice) = Look(file, missing.IsTable, missing.Name);
                if (isSure)
                    return new ValueTask<string?>(advice);
                fallback ??= advice;
            }
            catch (SqliteException)
            {
                // Locked, gone or not a database after all: another candidate may be the one.
            }
        }
        return new ValueTask<string?>(fallback);
    }

    private static (bool IsTable, string Name)? FindMissing(ErrorRecord error)
    {
        foreach (var one in StackFrames.InnermostFirst(error))
        {
            if (MissingTable().Match(one.Message) is { Success: true } table)
                return (true, LastPart(table.Groups[1].Value));
            if (MissingColumn().Match(one.Message) is { Success: true } column)
                return (false, LastPart(column.Groups[1].Value));
        }
        return null;
    }

    private static (bool IsSure, string? Advice) Look(string file, bool isTable, string missing)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
            DefaultTimeout = 1,
        }.ConnectionString);
        connection.Open();
        var shown = Readable.ShortPath(file, Environment.CurrentDirectory);
        return isTable ? LookForTable(connection, shown, missing) : LookForColumn(connection, shown, missing);
    }

    private static (bool, string?) LookForTable(SqliteConnection connection, string file, string missing)
    {
        var tables = Read(connection,
            "SELECT name, '' FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name");
        // It has that table, so it is not the database that was asked.
        if (tables.Exists(t => t.Name.Equals(missing, StringComparison.OrdinalIgnoreCase)))
            return (false, null);
        if (SimilarName.Find(missing, tables.Select(static t => t.Name)) is { } similar)
            return (true, $"The database {file} has no table '{missing}'; a table '{similar}' exists: was it renamed? "
                + "Rename it back or change the query, then resume the run.");
        return (false, tables.Count == 0
            ? $"The database {file} has no table '{missing}', and no other: is it the right file, and was it set up?"
            : $"The database {file} has no table '{missing}'; it has {List(tables.Select(static t => t.Name))}.");
    }

    private static (bool, string?) LookForColumn(SqliteConnection connection, string file, string missing)
    {
        var columns = Read(connection,
            "SELECT c.name, t.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type IN ('table', 'view') ORDER BY t.name, c.cid");
        return SimilarName.Find(missing, columns.Select(static c => c.Name)) is { } similar
            ? (true, $"No column '{missing}' was found; in the database {file} the table "
                + $"'{columns.Find(c => c.Name == similar).Table}' has a column '{similar}': was it renamed? "
                + "Rename it back or change the query, then resume the run.")
            : (false, null);
    }

    private static List<(string Name, string Table)> Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Both statements are constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var names = new List<(string, string)>();
        while (reader.Read() && names.Count < 10_000)
            names.Add((reader.GetString(0), reader.GetString(1)));
        return names;
    }

    private static string List(IEnumerable<string> names)
    {
        var all = names.ToList();
        var shown = string.Join(", ", all.Take(MaxNamed).Select(static name => $"'{name}'"));
        return all.Count > MaxNamed ? $"{shown} and {all.Count - MaxNamed} more" : shown;
    }

    // "main.usage_facts", "u.month": what stands before the dot is a schema or an alias.
    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..].Trim('"', '[', ']', '`');

    [GeneratedRegex(@"no such table: ([^'\r\n]+)", RegexOptions.CultureInvariant)]
    private static partial Regex MissingTable();

    [GeneratedRegex(@"(?:no such column: |has no column named )([^'\r\n]+)", RegexOptions.CultureInvariant)]
    private static partial Regex MissingColumn();
}
