using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine.Tests;

/// <summary>What becomes of records when leases change between two batches.</summary>
public sealed class WriteBatchTests
{
    private static readonly RunId Root = RunId.New(TimeProvider.System);
    private static readonly RunId Sub = RunId.New(TimeProvider.System);
    private static readonly RunId Other = RunId.New(TimeProvider.System);

    [Fact]
    public void A_batch_that_is_appended_under_a_newer_lease_takes_out_what_was_made_under_the_older()
    {
        var earlier = Batch("old", new RunLease(Root, 1), Root, Sub);
        Add(earlier, "other", new RunLease(Other, 7), Other);
        var later = Batch("new", new RunLease(Root, 3), Root);
        Add(later, "other", new RunLease(Other, 7), Other);

        earlier.Append(later);

        Assert.Equal(["other", "new", "other"], earlier.Logs.Select(line => line.Message));
        Assert.Equal([new RunLease(Root, 3), new RunLease(Other, 7)], earlier.Leases.Values.OrderBy(lease => lease.Fence));
    }

    [Fact]
    public void Batches_under_the_same_leases_are_joined_in_order()
    {
        var earlier = Batch("1", new RunLease(Root, 1), Root, Sub);
        var later = Batch("2", new RunLease(Root, 1), Root);

        earlier.Append(later);

        Assert.Equal(["1", "1", "2"], earlier.Logs.Select(line => line.Message));
        Assert.Equal([Root, Sub], earlier.Leases.Keys.ToHashSet());
    }

    private static WriteBatch Batch(string message, RunLease lease, params RunId[] runs)
    {
        var batch = new WriteBatch();
        Add(batch, message, lease, runs);
        return batch;
    }

    private static void Add(WriteBatch batch, string message, RunLease lease, params RunId[] runs)
    {
        foreach (var run in runs)
        {
            batch.Logs.Add(new LogLine { RunId = run, At = default, Level = default, Category = "stdout", Message = message });
            batch.Leases[run] = lease;
        }
    }
}
