using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Lets go of runs. First a run's own row goes, and with it the run for everybody who looks; in its place stands a row of pruned_runs, until all that it consists of is deleted. So every transaction is
/// short, and after a crash the rest is known.
/// </summary>
internal sealed class RetentionWriter(Connection connection)
{
    /// <summary>More sub-flows than this are let go later, with what the run consists of.</summary>
    private const int MembersAtOnce = 500;

    internal const string ChildrenSql =
        "SELECT id FROM flow_runs WHERE parent_run_id = ?1 AND root_run_id = ?2 AND root_run_id <> id LIMIT ?3";

    private const string OwnsNothing =
        "NOT EXISTS (SELECT 1 FROM flow_runs r WHERE r.host_id = h.id AND r.root_run_id = r.id AND r.host_id IS NOT NULL AND r.state < 10)";

    /// <summary>Hosts that ended before ?3, and those that did not and were heard of last before it.</summary>
    internal const string GoneHosts =
        "SELECT h.id FROM hosts h WHERE h.ended_at IS NOT NULL AND h.ended_at < ?3 AND " + OwnsNothing
        + " UNION ALL SELECT h.id FROM hosts h WHERE h.ended_at IS NULL AND h.heartbeat_at < ?3 AND " + OwnsNothing;

    // What a run consists of. Large tables first: the others are small beside them.
    private static readonly string[] Parts =
    [
        "DELETE FROM step_runs WHERE run_id = ?1 AND sequence IN (SELECT sequence FROM step_runs WHERE run_id = ?1 ORDER BY sequence LIMIT ?2)",
        "DELETE FROM log_lines WHERE run_id = ?1 AND number IN (SELECT number FROM log_lines WHERE run_id = ?1 ORDER BY number LIMIT ?2)",
        "DELETE FROM ledger_entries WHERE run_id = ?1 AND number IN (SELECT number FROM ledger_entries WHERE run_id = ?1 ORDER BY number LIMIT ?2)",
        "DELETE FROM artifacts WHERE (run_id, sequence, key) IN (SELECT run_id, sequence, key FROM artifacts WHERE run_id = ?1 LIMIT ?2)",
        "DELETE FROM messages WHERE number IN (SELECT number FROM messages WHERE root_run_id = ?1 LIMIT ?2)",
    ];

    public bool TryTakeTurn(DateTimeOffset now, TimeSpan every)
    {
        var last = connection.Prepare("SELECT at FROM retention_turns WHERE id = 1").QuerySingle(static row => (DateTimeOffset?)row.GetInstant(0));
        if (last is { } at && now - at < every && at <= now)
            return false;
        connection.Prepare("INSERT OR REPLACE INTO retention_turns (id, at) VALUES (1, ?1)").Bind(1, now).Execute();
        return true;
    }

    public void PutPolicy(string flow, RetentionPolicy policy) =>
        connection.Prepare("INSERT INTO flows (name, retention) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET retention = ?2")
            .Bind(1, flow).Bind(2, RetentionJson.Write(policy)).Execute();

    public PrunedRuns Prune(PruneRequest request)
    {
        var found = RetentionReader.Find(connection, request);
        var room = MembersAtOnce;
        foreach (var place in found.Free)
            room -= LetGo(place.Run, place.Run, request.Now, room);
        return RetentionReader.Answer(request, found);
    }

    public ClearedRows Clear(int rows, DateTimeOffset now)
    {
        var left = rows;
        while (left > 0)
        {
            if (connection.Prepare("SELECT number, run_id, root_run_id FROM pruned_runs ORDER BY number LIMIT 1")
                .QuerySingle(static row => new Pruned(row.GetInt64(0), row.GetRunId(1), row.GetRunId(2))) is not { } run)
                return new ClearedRows(rows - left, IsMore: false);
            left -= Clear(run, left, now);
        }

        return new ClearedRows(rows - left, IsMore: true);
    }

    /// <summary>Forgets what is not kept any longer beside runs.</summary>
    public Forgotten Forget(ForgetRequest request)
    {
        var keys = ForgetKeys(request);
        var cached = ForgetCached(request);
        var hosts = Delete(
            "DELETE FROM hosts WHERE id IN (" + GoneHosts + " LIMIT ?4)",
            statement => statement.Bind(3, request.HostsBefore).Bind(4, (long)request.Limit));
        return new Forgotten(keys, cached, hosts, keys == request.Limit || cached == request.Limit || hosts == request.Limit);
    }

    /// <summary>Hashes of files that nobody has referred to since an instant; a row that refers to one takes it off the list.</summary>
    public List<ContentHash> FindUnused(DateTimeOffset before, int limit)
    {
        connection.Prepare("DELETE FROM unused_values WHERE since < ?1 AND EXISTS (SELECT 1 FROM large_values v WHERE v.hash = unused_values.hash)").Bind(1, before).Execute();
        return connection.Prepare("SELECT hash FROM unused_values WHERE since < ?1 ORDER BY since LIMIT ?2").Bind(1, before).Bind(2, (long)limit).QueryAll(static row => row.GetHash(0));
    }

    /// <summary>Keeps the file for another time.</summary>
    public void KeepUnused(ContentHash hash, DateTimeOffset now) =>
        connection.Prepare("UPDATE unused_values SET since = ?2 WHERE hash = ?1").Bind(1, hash).Bind(2, now).Execute();

    public void ForgetUnused(ContentHash hash) => connection.Prepare("DELETE FROM unused_values WHERE hash = ?1").Bind(1, hash).Execute();

    /// <summary>Gives a bounded number of free pages back.</summary>
    /// <returns>Page size, free pages before and after, and whether pages are given back at all.</returns>
    public (long PageSize, long Before, long After, bool IsOn) GiveBack(int pages)
    {
        var size = connection.QueryInteger("PRAGMA page_size");
        var before = connection.QueryInteger("PRAGMA freelist_count");
        if (connection.QueryInteger("PRAGMA auto_vacuum") != 2)
            return (size, before, before, false);
        // Each step of it gives back one page.
        connection.Prepare($"PRAGMA incremental_vacuum({pages})").QueryAll(static _ => true);
        return (size, before, connection.QueryInteger("PRAGMA freelist_count"), true);
    }

    private int LetGo(RunId run, RunId root, DateTimeOffset now, int room)
    {
        var done = 1;
        Hide(run, root, now);
        foreach (var child in room <= 0 ? [] : ChildrenOf(run, root, room))
            done += LetGo(child, root, now, room - done);
        return done;
    }

    private List<RunId> ChildrenOf(RunId run, RunId root, int limit) =>
        connection.Prepare(ChildrenSql).Bind(1, run).Bind(2, root).Bind(3, (long)limit).QueryAll(static row => row.GetRunId(0));

    private void Hide(RunId run, RunId root, DateTimeOffset now)
    {
        connection.Prepare("DELETE FROM start_keys WHERE run_id = ?1 AND kind <> 1").Bind(1, run).Execute();
        connection.Prepare(
            "UPDATE start_keys SET run_pruned_at = ?2, run_created_at = (SELECT created_at FROM flow_runs WHERE id = ?1) WHERE run_id = ?1")
            .Bind(1, run).Bind(2, now).Execute();
        // They are in lists of their own.
        connection.Prepare("DELETE FROM questions WHERE run_id = ?1").Bind(1, run).Execute();
        connection.Prepare("DELETE FROM flow_runs WHERE id = ?1").Bind(1, run).Execute();
        connection.Prepare("INSERT OR IGNORE INTO pruned_runs (run_id, root_run_id) VALUES (?1, ?2)").Bind(1, run).Bind(2, root).Execute();
    }

    /// <summary>Deletes some of what a run consists of; the run's own place only with the last of it.</summary>
    private int Clear(Pruned run, int rows, DateTimeOffset now)
    {
        var done = 0;
        foreach (var child in ChildrenOf(run.Run, run.Root, rows))
        {
            Hide(child, run.Root, now);
            done++;
        }

        foreach (var part in Parts)
        {
            if (done < rows)
                done += Delete(part, statement => statement.Bind(1, run.Run).Bind(2, (long)(rows - done)));
        }

        if (done < rows)
            done += ClearValues(run.Run, rows - done, now);
        if (done < rows)
        {
            connection.Prepare("DELETE FROM pruned_runs WHERE number = ?1").Bind(1, run.Number).Execute();
            done++;
        }

        return done;
    }

    // A cached result that the run made stays, and with it what it refers to.
    private int ClearValues(RunId run, int limit, DateTimeOffset now)
    {
        var hashes = connection.Prepare(
            """
            SELECT v.hash FROM large_values v WHERE v.run_id = ?1
                AND NOT EXISTS (SELECT 1 FROM cached_results c WHERE c.run_id = ?1 AND c.result_file IS NOT NULL AND c.result_file = v.hash)
            LIMIT ?2
            """).Bind(1, run).Bind(2, (long)limit).QueryAll(static row => row.GetHash(0));
        foreach (var hash in hashes)
            Release(hash, run, now);
        return hashes.Count;
    }

    private void Release(ContentHash hash, RunId run, DateTimeOffset now)
    {
        connection.Prepare("DELETE FROM large_values WHERE hash = ?1 AND run_id = ?2").Bind(1, hash).Bind(2, run).Execute();
        connection.Prepare(
            "INSERT OR REPLACE INTO unused_values (hash, since) SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM large_values WHERE hash = ?1)")
            .Bind(1, hash).Bind(2, now).Execute();
    }

    private int ForgetKeys(ForgetRequest request)
    {
        var keys = connection.Prepare("SELECT flow_id, key, run_created_at FROM start_keys WHERE run_pruned_at < ?1 ORDER BY run_pruned_at LIMIT ?2")
            .Bind(1, request.KeysBefore).Bind(2, (long)request.Limit)
            .QueryAll(static row => (Flow: row.GetInt64(0), Key: row.GetText(1), CreatedAt: row.IsNull(2) ? 0 : row.GetInt64(2)));
        foreach (var (flow, key, _) in keys)
            connection.Prepare("DELETE FROM start_keys WHERE flow_id = ?1 AND kind = 1 AND key = ?2").Bind(1, flow).Bind(2, key).Execute();
        foreach (var flow in keys.GroupBy(static key => key.Flow))
        {
            connection.Prepare("UPDATE flows SET keys_forgotten_to = max(coalesce(keys_forgotten_to, 0), ?2) WHERE id = ?1")
                .Bind(1, flow.Key).Bind(2, flow.Max(static key => key.CreatedAt)).Execute();
        }

        return keys.Count;
    }

    private int ForgetCached(ForgetRequest request)
    {
        var old = connection.Prepare("SELECT step, key, run_id, result_file FROM cached_results WHERE made_at < ?1 ORDER BY made_at LIMIT ?2")
            .Bind(1, request.CachedBefore).Bind(2, (long)request.Limit)
            .QueryAll(static row => (Step: row.GetText(0), Key: row.GetHash(1), Run: row.GetRunId(2), File: row.IsNull(3) ? (ContentHash?)null : row.GetHash(3)));
        foreach (var (step, key, run, file) in old)
        {
            connection.Prepare("DELETE FROM cached_results WHERE step = ?1 AND key = ?2").Bind(1, step).Bind(2, key).Execute();
            if (file is { } hash && !IsKept(run))
                Release(hash, run, request.Now);
        }

        return old.Count;
    }

    // What is being deleted of a run that was let go is looked for there.
    private bool IsKept(RunId run) =>
        connection.Prepare("SELECT 1 WHERE EXISTS (SELECT 1 FROM flow_runs WHERE id = ?1) OR EXISTS (SELECT 1 FROM pruned_runs WHERE run_id = ?1)").Bind(1, run).QuerySingle(static _ => true);

    private int Delete(string sql, Action<Statement> bind)
    {
        var statement = connection.Prepare(sql);
        bind(statement);
        statement.Execute();
        return (int)connection.Prepare("SELECT changes()").QuerySingle(static row => row.GetInt64(0));
    }

    private sealed record Pruned(long Number, RunId Run, RunId Root);
}
