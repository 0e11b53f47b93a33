using System.Collections.Concurrent;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Makes a transaction happen once although its answer may be lost. It begins by noting its number in the row of its lane, which has one
/// transaction at a time; a second one with the same number, or an older one that the server still had when its connection was cut, waits for
/// that row and then fails with <see cref="IsDone"/>. So who tries again never does a thing twice, and never undoes what was written since.
/// </summary>
internal sealed class Receipts(SchemaName schema)
{
    private const string Done = "FLT03";

    private readonly string _enter = $"SELECT {schema}.enter($1, $2, $3)";

    // The number after is nobody's: it keeps out what the server may still have, and says so when this answer is lost too.
    private readonly string _resolve =
        $"""
        INSERT INTO {schema}.receipts AS r (writer, lane, number) VALUES ($1, $2, $3 + 1)
        ON CONFLICT (writer, lane) DO UPDATE SET number = CASE WHEN r.number = $3 THEN r.number ELSE greatest(r.number, $3 + 1) END
        RETURNING number = $3
        """;

    private readonly ConcurrentStack<int> _free = new();
    private int _lanes;
    private long _last;

    /// <summary>Whose the lanes are.</summary>
    public Guid Writer { get; } = Guid.CreateVersion7();

    /// <summary>A new lane.</summary>
    public int NewLane() => Interlocked.Increment(ref _lanes);

    /// <summary>The next number in this lane.</summary>
    public Receipt Next(int lane) => new(lane, Interlocked.Add(ref _last, 2));

    /// <summary>A number in a lane that nobody uses; give it back when it is known what became of it.</summary>
    public Receipt Take() => Next(_free.TryPop(out var lane) ? lane : NewLane());

    public void GiveBack(Receipt receipt) => _free.Push(receipt.Lane);

    /// <summary>Makes a batch begin with its number.</summary>
    public void Enter(NpgsqlBatch batch, Receipt receipt) => batch.Add(_enter).With(Writer).With(receipt.Lane).With(receipt.Number);

    /// <summary>Whether the transaction failed because it, or a later one in its lane, was committed before.</summary>
    public static bool IsDone(PostgresException error) => error.SqlState == Done;

    /// <summary>Whether the transaction with this number was committed; if not, it never will be.</summary>
    public async ValueTask<bool> ResolveAsync(NpgsqlConnection connection, Receipt receipt)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_resolve).With(Writer).With(receipt.Lane).With(receipt.Number);
            return (bool)(await batch.ExecuteScalarAsync(CancellationToken.None).ConfigureAwait(false))!;
        }
    }
}

/// <summary>The number of a transaction.</summary>
/// <param name="Lane">Where it is noted.</param>
/// <param name="Number">Greater than those before in the lane.</param>
internal readonly record struct Receipt(int Lane, long Number);
