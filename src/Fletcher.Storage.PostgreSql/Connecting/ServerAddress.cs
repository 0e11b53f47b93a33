using System.Globalization;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Reads connection strings, and names what they lead to without saying who logs in how.</summary>
internal static class ServerAddress
{
    private const int PreparedStatements = 200;

    /// <exception cref="ArgumentException">It cannot be read. What it says is not repeated, as it may hold a password.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            // Without the exception: its words may hold what stood at the wrong place.
            throw new ArgumentException(
                "The connection string cannot be read. It must be of the form 'Host=db;Database=fletcher;Username=fletcher;Password=…', in the "
                + "words of Npgsql; put values with a ';' or '=' in quotes. It is not shown here, as it may hold a password.",
                nameof(connectionString));
        }

        if (string.IsNullOrEmpty(builder.Host))
            throw new ArgumentException("The connection string names no server: add 'Host=…'.", nameof(connectionString));
        if (!Says(connectionString, "Max Auto Prepare"))
            builder.MaxAutoPrepare = PreparedStatements;
        // The store leaves nothing in a session that the next user of the connection could meet.
        if (!Says(connectionString, "No Reset On Close"))
            builder.NoResetOnClose = true;
        builder.ApplicationName ??= "Fletcher";
        // It names them as they were written; the password must not come back from an open connection.
        builder.PersistSecurityInfo = false;
        return builder;
    }

    public static string Describe(NpgsqlConnectionStringBuilder builder)
    {
        var host = builder.Host!;
        var place = host.Contains(',', StringComparison.Ordinal) || host.StartsWith('/')
            ? host
            : string.Create(CultureInfo.InvariantCulture, $"{host}:{builder.Port}");
        return $"{place}/{builder.Database ?? builder.Username}";
    }

    private static bool Says(string connectionString, string keyword)
    {
        // Not asked of the Npgsql builder, which knows every keyword with its default.
        var given = new System.Data.Common.DbConnectionStringBuilder { ConnectionString = connectionString };
        return given.Keys.Cast<string>().Any(
            key => key.Replace(" ", "", StringComparison.Ordinal).Equals(keyword.Replace(" ", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));
    }
}
