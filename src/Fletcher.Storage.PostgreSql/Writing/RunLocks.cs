using System.Globalization;
using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Locks runs before they are written, and looks in the same transaction whether they may be. So nobody can claim a run between the look and the
/// write, and what is written sees all that was sent to the run before.
/// </summary>
internal sealed class RunLocks(SchemaName schema)
{
    private const string LeasesLost = "FLT01";
    private const string Refused = "FLT02";

    private readonly string _takeLeases = $"SELECT {schema}.take_leases($1, $2)";
    private readonly string _takeOnce = $"SELECT {schema}.take_once($1)";
    private readonly string _expect = $"SELECT {schema}.expect_run($1, $2, $3, $4, $5, $6, $7, $8)";

    /// <summary>Locks the roots of the batch's leases and its flow runs; it fails when others have some by now: <see cref="Lost"/>.</summary>
    public void TakeLeases(NpgsqlBatch batch, WriteBatch records)
    {
        if (records.Leases.Count == 0 && records.FlowRuns.Count == 0)
            return;

        var locks = new HashSet<(Guid Run, long? Fence)>();
        foreach (var lease in records.Leases.Values)
            locks.Add((lease.Root.Value, lease.Fence));
        foreach (var run in records.FlowRuns)
            locks.Add((run.Id.Value, null));
        (Guid Run, long? Fence)[] rows = [.. locks];
        batch.Add(_takeLeases).WithEach(rows, static row => row.Run).WithEach(rows, static row => row.Fence);
    }

    /// <summary>Locks flow runs that are there.</summary>
    public void Take(NpgsqlBatch batch, IReadOnlyList<FlowRunRecord> runs)
    {
        if (runs.Count > 0)
            batch.Add(_takeLeases).WithEach(runs, static run => run.Id.Value).WithEach(runs, static _ => (long?)null);
    }

    /// <summary>Keeps a Once key from others; it fails when a run has it: <see cref="IsRefused"/>.</summary>
    public void TakeOnce(NpgsqlBatch batch, FlowRunRecord run) => batch.Add(_takeOnce).With(FlowRunRows.OnceHash(run)!.Value);

    /// <summary>Locks a run that is to be replaced; it fails when that is not to be: <see cref="IsRefused"/>.</summary>
    public void Expect(NpgsqlBatch batch, FlowRunRecord run, RunVersion expected) => batch.Add(_expect)
        .With(run.Id.Value)
        .WithVersion(expected)
        .With(run.State.IsEnd() ? null : FlowRunRows.OnceHash(run));

    public static bool IsRefused(PostgresException error) => error.SqlState == Refused;

    /// <summary>The leases that are lost, when it failed for that.</summary>
    public static HashSet<RunLease>? Lost(PostgresException error)
    {
        if (error.SqlState != LeasesLost)
            return null;

        return [.. error.MessageText.Split('\n').Select(static line => line.Split(' ')).Select(static parts => new RunLease(
            new RunId(Guid.Parse(parts[0])), long.Parse(parts[1], CultureInfo.InvariantCulture)))];
    }
}
