using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Tells hosts, in the transaction that writes it, that there is something they look for: a message, a run that waits or that ended without a call
/// that waits for it, a flow that is described, paused or resumed. The server tells it after the commit, once a transaction; transactions
/// that tell nothing do not wait for each other. This process hears it when the commit is answered, see <see cref="Tell"/>.
/// </summary>
internal sealed class Hints(SchemaName schema, Guid writer, Listener listener)
{
    private readonly string _give = $"NOTIFY {schema.Channel}, '{writer}'";

    /// <summary>Tells those who listen in this process, after the commit.</summary>
    public void Tell() => listener.Tell();

    public void Give(NpgsqlBatch batch) => batch.Add(_give);

    /// <summary>Whether something in the records is looked for.</summary>
    public static bool IsLookedFor(WriteBatch records) =>
        records.Messages.Count > 0 || records.FlowRuns.Exists(static run => run.IsLookedFor());
}
