using System.Text;
using Microsoft.Data.Sqlite;

namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>A database as SQL text that makes it again, so that no binary files are needed in the repository.</summary>
internal static class DatabaseText
{
    public static string Of(SqliteConnection connection)
    {
        var text = new StringBuilder();
        text.AppendLine("BEGIN;");
        foreach (var pragma in (string[])["application_id", "user_version"])
            text.Append("PRAGMA ").Append(pragma).Append(" = ").Append(List(connection, $"PRAGMA {pragma}").Single()).AppendLine(";");
        foreach (var sql in List(connection, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid"))
            text.Append(sql).AppendLine(";");

        // SQLite's own table of the last numbers last: it has rows of its own by then, and also knows of rows that are gone.
        foreach (var table in List(
            connection, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name = 'sqlite_sequence', rowid"))
        {
            if (table == "sqlite_sequence")
                text.AppendLine("DELETE FROM sqlite_sequence;");
            var columns = List(connection, $"SELECT name FROM pragma_table_info('{table}') ORDER BY cid").ToArray();
            var values = string.Join(" || ', ' || ", columns.Select(column => $"quote({column})"));
            foreach (var row in List(connection, $"SELECT {values} FROM {table}"))
            {
                text.Append("INSERT INTO ").Append(table).Append(" (").AppendJoin(", ", columns).Append(") VALUES (")
                    .Append(row).AppendLine(");");
            }
        }

        return text.AppendLine("COMMIT;").ToString();
    }

    private static List<string> List(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(reader.GetString(0));
        return rows;
    }
}
