namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Whether the runs of a batch still belong to who made it. It looks inside the transaction that writes the batch and keeps
/// other writers out, so nobody can claim a run between the look and the write.
/// </summary>
internal sealed class LeaseCheck(Connection connection)
{
    private readonly HashSet<RunLease> _seen = [];

    /// <exception cref="LeasesLostException">The root of a lease has a greater fence.</exception>
    public void Check(WriteBatch batch)
    {
        HashSet<RunLease>? lost = null;
        _seen.Clear();
        foreach (var lease in batch.Leases.Values)
        {
            if (_seen.Add(lease) && FenceOf(lease) > lease.Fence)
                (lost ??= []).Add(lease);
        }

        if (lost is not null)
            throw new LeasesLostException(lost);
    }

    // NULL, which is read as 0, for a run that is yet to be created.
    private long FenceOf(RunLease lease) => connection.Prepare("SELECT fence FROM flow_runs WHERE id = ?1")
        .Bind(1, lease.Root)
        .QuerySingle(static row => row.GetInt64(0));
}
