using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>One attempt at something that the database is to do.</summary>
/// <param name="Connection">An open connection, for this attempt.</param>
/// <param name="MayBeDone">Whether an earlier attempt may have been committed: its connection was cut before the answer came.</param>
internal readonly record struct Attempt(NpgsqlConnection Connection, bool MayBeDone);

/// <summary>What is known of the attempts at something that was given up.</summary>
internal sealed class Attempts
{
    /// <summary>How long to go on; null for as long as the store is set up to.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>Whether one of them may have been committed.</summary>
    public bool MayBeDone { get; set; }
}
