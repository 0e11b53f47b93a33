using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Tells hosts, in the transaction that writes it, that there is something they look for: a message, a run that is due, a flow that is paused
/// or resumed. The server tells it after the commit, once a transaction; transactions that tell nothing do not wait for each other.
/// </summary>
internal sealed class Hints(SchemaName schema)
{
    private readonly string _give = $"NOTIFY {schema.Channel}";

    public void Give(NpgsqlBatch batch) => batch.Add(_give);

    /// <summary>Tells it if something in the records is looked for.</summary>
    public void Give(NpgsqlBatch batch, WriteBatch records)
    {
        if (records.Messages.Count > 0 || records.FlowRuns.Exists(IsLookedFor))
            Give(batch);
    }

    /// <summary>Whether a run may wait for any host that takes it: one that waits without a time may have been sent something.</summary>
    public static bool IsLookedFor(FlowRunRecord run) =>
        run.HostId is null && run.RootRunId == run.Id && (run.WakeAt is not null || !run.State.IsEnd());
}
