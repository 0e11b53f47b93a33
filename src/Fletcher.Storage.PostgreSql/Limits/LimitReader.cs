using System.Data;
using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Reads limits, their lanes, and who is in them.</summary>
internal sealed class LimitReader(SchemaName schema)
{
    private const int Shown = 100;

    private const string PlaceColumns =
        "id, limit_name, key, weight, root_run_id, fence, run_id, sequence, flow, step, asked_at, granted_at, taken";

    private readonly string _limits =
        $"""
        SELECT name, is_set, slots, rate_count, rate_period, rate_burst, breaker_failures, breaker_window, breaker_open_for, at, actor, reason
        FROM {schema}.limits ORDER BY name, is_set
        """;

    private readonly string _standings = $"SELECT place, state, before, due_in FROM {schema}.limit_standings($1, $2)";

    private readonly string _changed =
        $"""
        SELECT a.id, CASE WHEN p.id IS NULL THEN 2 ELSE 1 END
        FROM unnest($1) WITH ORDINALITY a (id, place) LEFT JOIN {schema}.limit_places p ON p.id = a.id
        WHERE p.id IS NULL OR p.granted_at IS NOT NULL ORDER BY a.place
        """;

    private readonly string _dueIn = $"SELECT {schema}.limit_due_in()";

    private readonly string _settings =
        $"""
        SELECT slots, rate_count, rate_period, rate_burst, breaker_failures, breaker_window, breaker_open_for, {schema}.limit_now()
        FROM {schema}.limit_that_holds($1)
        """;

    private readonly string _lanes =
        $"""
        SELECT l.key, l.bucket_level, l.bucket_period, l.bucket_at, l.open_until, l.open_reason, l.due_at, {schema}.limit_now(), h.taken, h.count, w.count
        FROM (
            (SELECT * FROM {schema}.limit_lanes WHERE limit_name = $1 AND ($2::text IS NULL OR key = $2) AND ($3::text IS NULL OR key > $3 OR key = $2)
                ORDER BY key LIMIT $4)
            UNION ALL
            SELECT $1, $2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
            WHERE $2 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {schema}.limit_lanes WHERE limit_name = $1 AND key = $2)) l
        CROSS JOIN LATERAL (SELECT coalesce(sum(p.taken), 0)::integer AS taken, count(*)::integer AS count FROM {schema}.limit_places p
            WHERE p.limit_name = l.limit_name AND p.key = l.key AND p.granted_at IS NOT NULL) h
        CROSS JOIN LATERAL (SELECT count(*)::integer AS count FROM {schema}.limit_places p
            WHERE p.limit_name = l.limit_name AND p.key = l.key AND p.granted_at IS NULL) w
        ORDER BY l.key
        """;

    private readonly string _inLane = $"SELECT {PlaceColumns} FROM {schema}.limit_places WHERE limit_name = $1 AND key = $2 AND granted_at ";

    private readonly string _ofRoot = $"SELECT {PlaceColumns} FROM {schema}.limit_places WHERE root_run_id = $1 ORDER BY number";

    public async ValueTask<List<LimitRecord>> LimitsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_limits);
            var rows = await batch.QueryAsync(
                static row => (Name: row.Text(0), IsSet: row.GetBoolean(1), Version: new LimitVersion(
                    Settings(row, 2), LimitLane.Instant(row.GetInt64(9)), row.Text(10), row.TextOrNull(11))),
                cancellationToken).ConfigureAwait(false);
            return
            [
                .. rows.GroupBy(static row => row.Name).Select(static limit => new LimitRecord
                {
                    Name = limit.Key,
                    Declared = limit.FirstOrDefault(static row => !row.IsSet).Version,
                    Set = limit.FirstOrDefault(static row => row.IsSet).Version,
                }),
            ];
        }
    }

    /// <summary>Adds the query for where places stand; <see cref="ReadAsync"/> reads its rows.</summary>
    public void Standings(NpgsqlBatch batch, IReadOnlyList<LimitPlace> enter) => batch.Add(_standings)
        .WithEach(enter, static place => place.Id)
        .WithEach(enter, static place => Texts.Encode(place.Limit));

    /// <summary>What a batch answers that ends with <see cref="Standings"/>.</summary>
    public static async ValueTask<LimitExchange> ReadAsync(NpgsqlBatch batch, IReadOnlyList<LimitPlace> enter)
    {
        var standings = new Dictionary<Guid, LimitStanding>(enter.Count);
        TimeSpan? dueIn = null;
        var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            do
            {
                while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
                {
                    if (reader.FieldCount < 4)
                        continue;
                    if (reader.GuidOrNull(0) is { } id)
                        standings[id] = new LimitStanding(id, (LimitPlaceState)reader.GetInt32(1), (int)reader.GetInt64(2));
                    else if (!reader.IsDBNull(3))
                        dueIn = TimeSpan.FromMicroseconds(reader.GetInt64(3));
                }
            }
            while (await reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false));
        }

        return new LimitExchange([.. enter.Select(place => standings[place.Id])], dueIn);
    }

    public async ValueTask<LimitLook> LookAsync(NpgsqlConnection connection, IReadOnlyList<Guid> places, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_changed).With(places.ToArray());
            var changed = await batch.QueryAsync(
                static row => new LimitStanding(row.GetGuid(0), (LimitPlaceState)row.GetInt32(1)), cancellationToken).ConfigureAwait(false);
            batch.BatchCommands.Clear();
            batch.Add(_dueIn);
            var due = await batch.QueryAsync(
                static row => row.IsDBNull(0) ? (TimeSpan?)null : TimeSpan.FromMicroseconds(row.GetInt64(0)), cancellationToken).ConfigureAwait(false);
            return new LimitLook(changed, due[0]);
        }
    }

    /// <summary>In one transaction, so that the numbers and the places agree.</summary>
    public async ValueTask<List<LimitLaneRecord>> LanesAsync(
        NpgsqlConnection connection, string limit, string? key, string? after, int count, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            var batch = new NpgsqlBatch(connection, transaction);
            await using (batch.ConfigureAwait(false))
            {
                batch.Add(_settings).With(Texts.Encode(limit));
                var settings = (await batch.QueryAsync(static row => Settings(row, 0), cancellationToken).ConfigureAwait(false)).FirstOrDefault();
                batch.BatchCommands.Clear();
                batch.Add(_lanes).With(Texts.Encode(limit)).With(Texts.Encode(key)).With(Texts.Encode(after)).With(count);
                var lanes = await batch.QueryAsync(row => Lane(row, limit, settings), cancellationToken).ConfigureAwait(false);
                for (var i = 0; i < lanes.Count; i++)
                {
                    lanes[i] = lanes[i] with
                    {
                        Holders = await PlacesAsync(batch, lanes[i], "IS NOT NULL", cancellationToken).ConfigureAwait(false),
                        Waiters = await PlacesAsync(batch, lanes[i], "IS NULL", cancellationToken).ConfigureAwait(false),
                    };
                }

                return lanes;
            }
        }
    }

    public async ValueTask<List<LimitPlace>> OfRootAsync(NpgsqlConnection connection, RunId root, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_ofRoot).With(root.Value);
            return await batch.QueryAsync(Place, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<List<LimitPlace>> PlacesAsync(NpgsqlBatch batch, LimitLaneRecord lane, string granted, CancellationToken cancellationToken)
    {
        batch.BatchCommands.Clear();
        batch.Add(_inLane + granted + " ORDER BY number LIMIT $3").With(Texts.Encode(lane.Limit)).With(Texts.Encode(lane.Key)).With(Shown);
        return await batch.QueryAsync(Place, cancellationToken).ConfigureAwait(false);
    }

    private static LimitLaneRecord Lane(NpgsqlDataReader row, string limit, LimitSettings? settings)
    {
        var now = row.GetInt64(7);
        var waiters = row.GetInt32(10);
        TokenBucket? bucket = row.IsDBNull(1) ? null : new TokenBucket(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
        return new LimitLaneRecord
        {
            Limit = limit,
            Key = row.Text(0),
            Taken = row.GetInt32(8),
            Tokens = settings?.Rate is { } rate ? (bucket ?? TokenBucket.Full(rate, now)).Refill(rate, now).Tokens : null,
            OpenUntil = row.IsDBNull(4) ? null : LimitLane.Instant(row.GetInt64(4)),
            OpenReason = row.TextOrNull(5),
            DueIn = waiters > 0 && !row.IsDBNull(6) ? LimitLane.Until(row.GetInt64(6), now) : null,
            HolderCount = row.GetInt32(9),
            Holders = [],
            WaiterCount = waiters,
            Waiters = [],
        };
    }

    private static LimitSettings Settings(NpgsqlDataReader row, int first) => new()
    {
        Slots = row.IntegerOrNull(first),
        Rate = row.IsDBNull(first + 1)
            ? null
            : new LimitRate(row.GetInt32(first + 1), TimeSpan.FromMicroseconds(row.GetInt64(first + 2)), row.GetInt32(first + 3)),
        Breaker = row.IsDBNull(first + 4)
            ? null
            : new LimitBreaker(
                row.GetInt32(first + 4), TimeSpan.FromMicroseconds(row.GetInt64(first + 5)), TimeSpan.FromMicroseconds(row.GetInt64(first + 6))),
    };

    private static LimitPlace Place(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Limit = row.Text(1),
        Key = row.Text(2),
        Weight = row.GetInt32(3),
        RootRunId = row.Run(4),
        Fence = row.GetInt64(5),
        RunId = row.Run(6),
        Sequence = row.GetInt32(7),
        Flow = row.Text(8),
        Step = row.TextOrNull(9),
        AskedAt = LimitLane.Instant(row.GetInt64(10)),
        GrantedAt = row.IsDBNull(11) ? null : LimitLane.Instant(row.GetInt64(11)),
        Taken = row.GetInt32(12),
    };
}
