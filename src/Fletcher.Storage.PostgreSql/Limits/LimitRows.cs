using System.Globalization;
using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>What is written of limits: calls of the functions in 0002_limits.sql, which lock, decide and write.</summary>
internal sealed class LimitRows(SchemaName schema)
{
    private readonly string _lock = $"SELECT {schema}.lock_limits($1)";

    private readonly string _put =
        $"SELECT {schema}.put_limit(ROW($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12)::{schema}.limits)";

    private readonly string _reset = $"SELECT {schema}.reset_limit($1)";

    private readonly string _exchange = $"SELECT {schema}.limit_exchange($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

    /// <summary>Keeps everybody out of these limits and their lanes, to the end of the transaction.</summary>
    public void Lock(NpgsqlBatch batch, IEnumerable<string> names) =>
        batch.Add(_lock).With(names.Select(static name => Texts.Encode(name)!).ToArray());

    public void Put(NpgsqlBatch batch, string name, bool isSet, LimitSettings settings, string actor, string? reason) => batch.Add(_put)
        .With(Texts.Encode(name))
        .With(isSet)
        .With(settings.Slots)
        .With(settings.Rate?.Count)
        .With(Microseconds(settings.Rate?.Period))
        .With(settings.Rate?.Burst)
        .With(settings.Breaker?.Failures)
        .With(Microseconds(settings.Breaker?.Window))
        .With(Microseconds(settings.Breaker?.OpenFor))
        .With(settings.Breaker is { } breaker ? string.Create(CultureInfo.InvariantCulture, $"{breaker.Window}") : null)
        .With(Texts.Encode(actor))
        .With(Texts.Encode(reason));

    /// <summary>It fails when nothing was set: <see cref="RunLocks.IsRefused"/>.</summary>
    public void Reset(NpgsqlBatch batch, string name) => batch.Add(_reset).With(Texts.Encode(name));

    public void Exchange(NpgsqlBatch batch, IReadOnlyList<LimitLeave> leave, IReadOnlyList<LimitPlace> enter) => batch.Add(_exchange)
        .WithEach(leave, static one => one.Place)
        .WithEach(leave, static one => (short)one.End)
        .WithEach(leave, static one => Texts.Encode(one.Kind))
        .WithEach(enter, static place => place.Id)
        .WithEach(enter, static place => Texts.Encode(place.Limit))
        .WithEach(enter, static place => Texts.Encode(place.Key))
        .WithEach(enter, static place => place.Weight)
        .WithEach(enter, static place => place.RootRunId.Value)
        .WithEach(enter, static place => place.Fence)
        .WithEach(enter, static place => place.RunId.Value)
        .WithEach(enter, static place => place.Sequence)
        .WithEach(enter, static place => Texts.Encode(place.Flow))
        .WithEach(enter, static place => Texts.Encode(place.Step));

    private static long? Microseconds(TimeSpan? time) => time?.Ticks / TimeSpan.TicksPerMicrosecond;
}
