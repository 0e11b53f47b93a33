using Fletcher.Conformance;
using Fletcher.Model;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>
/// What hosts ask again and again must not cost more when a hundred thousand runs are parked. It is counted in the steps of SQLite's
/// virtual machine, some ten for a row that is looked at: no clock is involved.
/// </summary>
public sealed class ManyRunsTests : SqliteTest
{
    private const int Parked = 100_000;

    // Of the flow F a hundred are due, the others in some days. All of G are due, but it is not asked for; all of H are, but it is paused.
    // The hosts 0 to 3 have some thousand running ones of F each.
    private const string Fill =
        """
        INSERT INTO flows (id, name) VALUES (1, 'F'), (2, 'G'), (3, 'H');
        INSERT INTO paused_flows (flow_id, at, actor) VALUES (3, 0, 'ada');
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 160000)
        INSERT INTO flow_runs (id, flow_id, state, parameters, parameters_hash, parent_sequence, root_run_id, attempt, created_at,
            fence, host_id, wake_at)
        SELECT CAST(printf('%016d', n) AS BLOB), iif(n <= 100000 OR n > 140000, 1, iif(n <= 120000, 2, 3)), iif(n > 140000, 2, 3), X'7B7D',
            zeroblob(16), 0, CAST(printf('%016d', n) AS BLOB), 1, 0, 1, iif(n > 140000, CAST(printf('host%012d', n % 4) AS BLOB), NULL),
            iif(n > 140000, NULL, iif(n <= 100000 AND n % 1000 <> 0, 1000000000 + n, n))
        FROM numbers;
        INSERT INTO messages (run_id, root_run_id, kind, sent_at, actor, taken_by)
        SELECT id, root_run_id, 0, 0, 'ada', iif(wake_at < 100, 0, 1) FROM flow_runs WHERE flow_id = 1 OR state = 2;
        """;

    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch.AddSeconds(1);

    [Fact]
    public async Task Looking_for_work_does_not_look_at_runs_that_are_not_due()
    {
        await using var store = await OpenAsync();
        Query(Database, Fill);
        using var connection = Connect(Database);

        Assert.InRange(Steps(connection, WaitingReader.FlowSql, "H"), 1, 100);
        Assert.InRange(Steps(connection, WaitingReader.TimedSql, 1L, 0L), 1, 100);
        Assert.InRange(Steps(connection, RunClaims.NoteReadySql, 1L, 0L, 1_000_000L, 5_000L), 100, 30_000);
        Assert.InRange(Steps(connection, WaitingReader.PausedToStopSql), 1, 100);
        Assert.InRange(Steps(connection, OwnerReader.OwnersSql), 1, 500);
        Assert.InRange(Steps(connection, MessageWriter.AreThereAfterSql, new byte[16], 5L), 1, 100);
        Assert.InRange(Steps(connection, MessageReader.AfterSql, 1000L, 10L), 10, 1_000);
        Assert.InRange(Steps(connection, MessageReader.UntakenSql, new byte[16]), 1, 100);

        // It counts: this one looks at every run.
        Assert.InRange(Steps(connection, "SELECT count(*) FROM flow_runs WHERE reason IS NOT NULL"), Parked, int.MaxValue);
    }

    [Fact]
    public async Task What_is_due_is_found_among_many()
    {
        await using var store = await OpenAsync();
        Query(Database, Fill);
        var host = Guid.CreateVersion7();

        var claimed = await store.ClaimDueAsync(host, ["F", "H"], At, 1_000, Cancellation);

        Assert.Equal(100, claimed.Count);
        Assert.Equal(claimed.OrderBy(c => c.Run.Id).Select(c => c.Run.Id), claimed.Select(c => c.Run.Id));
        Assert.Equal(100, (await store.GetRunsOfHostAsync(host, default, 1_000, Cancellation)).Count);
        Assert.Equal(5, (await store.GetOwnersAsync(Cancellation)).Count);
        Assert.Empty(await store.ClaimDueAsync(host, ["F", "H"], At, 1_000, Cancellation));
    }

    [Fact]
    public async Task Whose_turn_it_is_is_found_with_seeks_however_many_wait()
    {
        await using var store = await OpenAsync();
        Query(Database, Fill);
        Query(Database, "UPDATE flow_runs SET is_ready = 1, priority = rowid_of % 3, fairness_key = 'k' || (rowid_of % 50) FROM (SELECT id AS run, CAST(CAST(id AS TEXT) AS INTEGER) AS rowid_of FROM flow_runs) WHERE run = id AND wake_at IS NOT NULL");
        using var connection = Connect(Database);

        Assert.InRange(Steps(connection, ReadyRuns.PrioritySql, 1L, 0L, 7L), 1, 100);
        Assert.InRange(Steps(connection, ReadyRuns.PrioritySql, 1L, 0L, 1L), 1, 100);
        Assert.InRange(Steps(connection, ReadyRuns.FirstKeySql, 1L, 0L, 2L), 1, 100);
        Assert.InRange(Steps(connection, ReadyRuns.NextKeySql, 1L, 0L, 2L, "k21"), 1, 100);
        Assert.InRange(Steps(connection, ReadyRuns.OldestSql, 1L, 0L, 2L, "k21", long.MinValue, new byte[16], long.MaxValue, 1L), 1, 100);
    }

    [Fact]
    public async Task Looking_for_work_in_vain_waits_for_no_writer()
    {
        await using var store = await OpenAsync();
        await WriteAsync(store, A.Parked(At.AddDays(1)));
        using var other = Connect(Database);
        using var begin = other.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        begin.ExecuteNonQuery();

        Assert.Empty(await store.ClaimDueAsync(Guid.CreateVersion7(), ["F"], At, 10, Cancellation));
    }

    [Fact]
    public async Task The_number_of_a_message_that_was_deleted_is_not_given_again()
    {
        await using var store = await OpenAsync();
        var run = A.FlowRun();
        await WriteAsync(store, run);
        var deleted = await store.SendAsync(A.Message(run.Id), Cancellation);
        Query(Database, "DELETE FROM messages");

        Assert.Equal(deleted!.Number, await store.GetLastMessageAsync(Cancellation));
        Assert.True((await store.SendAsync(A.Message(run.Id), Cancellation))!.Number > deleted.Number);
    }

    /// <summary>How many steps of the virtual machine it takes to read all that a query answers.</summary>
    private static int Steps(SqliteConnection connection, string sql, params object[] parameters)
    {
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_prepare_v2(connection.Handle, sql, out var statement));
        using (statement)
        {
            for (var i = 0; i < parameters.Length; i++)
            {
                _ = parameters[i] switch
                {
                    string text => raw.sqlite3_bind_text(statement, i + 1, text),
                    byte[] blob => raw.sqlite3_bind_blob(statement, i + 1, blob),
                    _ => raw.sqlite3_bind_int64(statement, i + 1, (long)parameters[i]),
                };
            }

            int code;
            while ((code = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
            {
            }

            Assert.Equal(raw.SQLITE_DONE, code);
            return raw.sqlite3_stmt_status(statement, raw.SQLITE_STMTSTATUS_VM_STEP, 0);
        }
    }
}
