using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Fletcher.Model;
using SQLitePCL;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// A prepared statement: parameters count from 1, columns from 0. Values are copied when bound. Whoever steps it by hand
/// resets it, or the next transaction cannot end.
/// </summary>
internal sealed class Statement(Connection connection, sqlite3_stmt handle, string sql) : IDisposable
{
    private const int StackBytes = 512;

    // A parameter is NULL until something is bound to it. Most of a step run's are and stay so: that need not be said again.
    private ulong _bound;

    public Statement Bind(int index, long value) => Bound(index, raw.sqlite3_bind_int64(handle, index, value));

    public Statement Bind(int index, long? value) => value is { } number ? Bind(index, number) : BindNull(index);

    public Statement Bind(int index, DateTimeOffset value) => Bind(index, Instants.ToMicroseconds(value));

    public Statement Bind(int index, DateTimeOffset? value) => value is { } at ? Bind(index, at) : BindNull(index);

    public Statement Bind(int index, RunId value) => Bind(index, value.Value);

    public Statement Bind(int index, RunId? value) => value is { } id ? Bind(index, id.Value) : BindNull(index);

    /// <summary>Big-endian, so that version 7 ids sort by their time.</summary>
    public Statement Bind(int index, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return Bind(index, bytes);
    }

    public Statement Bind(int index, Guid? value) => value is { } id ? Bind(index, id) : BindNull(index);

    public Statement Bind(int index, ContentHash value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.WriteTo(bytes);
        return Bind(index, bytes);
    }

    public Statement Bind(int index, byte[]? value) => value is null ? BindNull(index) : Bind(index, value.AsSpan());

    public Statement Bind(int index, ReadOnlySpan<byte> value) => Bound(index, value.IsEmpty
        ? raw.sqlite3_bind_zeroblob(handle, index, 0) // an empty span has no address, which SQLite takes for NULL
        : raw.sqlite3_bind_blob(handle, index, value));

    public Statement Bind(int index, string? value)
    {
        if (value is null)
            return BindNull(index);
        if (value.Length == 0)
            return Bound(index, raw.sqlite3_bind_text(handle, index, ""));

        var longest = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (longest <= StackBytes)
        {
            Span<byte> buffer = stackalloc byte[StackBytes];
            return Bound(index, raw.sqlite3_bind_text(handle, index, buffer[..Encoding.UTF8.GetBytes(value, buffer)]));
        }

        var rented = ArrayPool<byte>.Shared.Rent(longest);
        try
        {
            return Bound(index, raw.sqlite3_bind_text(handle, index, rented.AsSpan(0, Encoding.UTF8.GetBytes(value, rented))));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public Statement BindNull(int index)
    {
        var bit = 1UL << index;
        if ((_bound & bit) == 0)
            return this;

        _bound &= ~bit;
        return Check(raw.sqlite3_bind_null(handle, index));
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public long GetInt64(int column) => raw.sqlite3_column_int64(handle, column);

    public int GetInt32(int column) => checked((int)raw.sqlite3_column_int64(handle, column));

    public DateTimeOffset GetInstant(int column) => Instants.FromMicroseconds(GetInt64(column));

    public DateTimeOffset? GetInstantOrNull(int column) => IsNull(column) ? null : GetInstant(column);

    public Guid GetGuid(int column) => new(raw.sqlite3_column_blob(handle, column), bigEndian: true);

    public Guid? GetGuidOrNull(int column) => IsNull(column) ? null : GetGuid(column);

    public RunId GetRunId(int column) => new(GetGuid(column));

    public RunId? GetRunIdOrNull(int column) => IsNull(column) ? null : GetRunId(column);

    public ContentHash GetHash(int column) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(raw.sqlite3_column_blob(handle, column)));

    /// <summary>The bytes of a blob or of a text, until the next step.</summary>
    public ReadOnlySpan<byte> GetSpan(int column) => raw.sqlite3_column_blob(handle, column);

    public byte[]? GetBytes(int column) => IsNull(column) ? null : GetSpan(column).ToArray();

    // Not column_text: that one ends at the first NUL character.
    public string? GetText(int column) => IsNull(column) ? null : Encoding.UTF8.GetString(GetSpan(column));

    /// <summary>Goes to the next row.</summary>
    /// <returns>False when there is none.</returns>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        return code switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw ResetAndFail(code),
        };
    }

    public void Reset() => _ = raw.sqlite3_reset(handle);

    /// <summary>Runs it to its end.</summary>
    public void Execute()
    {
        var code = raw.sqlite3_step(handle);
        if (code is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
            throw ResetAndFail(code);
        Reset();
    }

    /// <summary>Runs it to its end, or says without an exception that somebody is in the way.</summary>
    public bool TryExecute()
    {
        var code = raw.sqlite3_step(handle);
        if (SqliteFailureException.IsBusyCode(code))
        {
            Reset();
            return false;
        }

        if (code is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
            throw ResetAndFail(code);
        Reset();
        return true;
    }

    public T? QuerySingle<T>(Func<Statement, T> map)
    {
        try
        {
            return Step() ? map(this) : default;
        }
        finally
        {
            Reset();
        }
    }

    public List<T> QueryAll<T>(Func<Statement, T> map)
    {
        var rows = new List<T>();
        try
        {
            while (Step())
                rows.Add(map(this));
        }
        finally
        {
            Reset();
        }

        return rows;
    }

    public void Dispose() => handle.Dispose();

    private Statement Bound(int index, int code)
    {
        _bound |= 1UL << index;
        return Check(code);
    }

    private Statement Check(int code) => code == raw.SQLITE_OK ? this : throw connection.Failure(code, sql);

    private SqliteFailureException ResetAndFail(int code)
    {
        var failure = connection.Failure(code, sql);
        Reset();
        return failure;
    }
}
