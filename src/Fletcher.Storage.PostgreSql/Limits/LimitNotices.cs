using System.Globalization;
using Fletcher.Storage;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Collects whom a transaction let start under limits, which it tells as it goes: so every write of a run can grant places without a query for them. To be
/// believed when the transaction is committed.
/// </summary>
internal sealed class LimitNotices
{
    private const string Prefix = "fletcher granted ";

    /// <summary>What is told when a lane that somebody waits in has come to be due at another time.</summary>
    public const string Due = "fletcher due";

    private List<Guid>? _granted;

    /// <summary>Their ids; null for none.</summary>
    public IReadOnlyList<Guid>? Granted => _granted;

    public void Hear(object sender, NpgsqlNoticeEventArgs told)
    {
        if (Read(told.Notice.MessageText) is { } ids)
            (_granted ??= []).AddRange(ids);
    }

    /// <summary>The ids in what was told; null when it is of something else.</summary>
    public static IReadOnlyList<Guid>? Read(string told) => told.StartsWith(Prefix, StringComparison.Ordinal)
        ? [.. told[Prefix.Length..].Split(',').Select(static id => Guid.Parse(id, CultureInfo.InvariantCulture))]
        : null;

    /// <summary>Makes lanes go by this clock in the session.</summary>
    public static async ValueTask SetClockAsync(NpgsqlConnection connection, TimeProvider clock)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add("SELECT set_config('fletcher.now', $1, false)")
                .With(LimitLane.Microseconds(clock.GetUtcNow()).ToString(CultureInfo.InvariantCulture));
            await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
