using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Builds batches: what is in one is one transaction and one round trip.</summary>
internal static class Commands
{
    /// <summary>Adds a statement. It is prepared after some uses, so pass few different texts.</summary>
    public static NpgsqlBatchCommand Add(this NpgsqlBatch batch, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        batch.BatchCommands.Add(command);
        return command;
    }

    /// <summary>Gives the next parameter its value.</summary>
    public static NpgsqlBatchCommand With<T>(this NpgsqlBatchCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }

    /// <summary>Gives the next parameters how a run must still be.</summary>
    public static NpgsqlBatchCommand WithVersion(this NpgsqlBatchCommand command, RunVersion version) => command
        .With(version.Fence)
        .With((short)version.State)
        .With(version.HostId)
        .With((short?)version.UndoingTo)
        .With(version.Failures)
        .With(version.TagCount);

    /// <summary>Gives the next parameter a column of rows.</summary>
    public static NpgsqlBatchCommand WithEach<TRow, T>(this NpgsqlBatchCommand command, IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        var column = new T[rows.Count];
        for (var i = 0; i < column.Length; i++)
            column[i] = value(rows[i]);
        return command.With(column);
    }

    /// <summary>The rows of each command of a batch of queries.</summary>
    public static async ValueTask<List<List<T>>> QueryEachAsync<T>(this NpgsqlBatch batch, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var all = new List<List<T>>(batch.BatchCommands.Count);
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            do
            {
                var rows = new List<T>();
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    rows.Add(read(reader));
                all.Add(rows);
            }
            while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false));
        }

        return all;
    }

    /// <summary>The rows that a query answers.</summary>
    public static async ValueTask<List<T>> QueryAsync<T>(this NpgsqlBatch batch, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                rows.Add(read(reader));
            // To the end: what fails later in the batch undoes the rows too.
            while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
            {
            }
        }

        return rows;
    }
}
