using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Keeps messages to runs, and makes a run that waits without a host due when one comes.</summary>
internal sealed class MessageWriter(Connection connection, TimeProvider time)
{
    internal const string AreThereAfterSql = "SELECT 1 FROM messages WHERE root_run_id = ?1 AND number > ?2 LIMIT 1";

    internal const string AreThereForFixSql =
        "SELECT 1 FROM messages WHERE root_run_id = ?1 AND number > ?2 AND kind IN (2, 4, 5) LIMIT 1";

    /// <summary>Whether its family was sent something that it has not seen and that can wake it.</summary>
    public bool AreThereFor(FlowRunRecord root) => connection.Prepare(root.WaitsForFix ? AreThereForFixSql : AreThereAfterSql)
        .Bind(1, root.Id)
        .Bind(2, root.LastMessage)
        .QuerySingle(static _ => true);

    public RunMessage? Send(RunMessage message)
    {
        if (message.Key is { } key && MessageReader.FindByKey(connection, message.RunId, key) is { } earlier)
            return earlier;
        if (Find(message.RunId) is not { } run || Find(run.Root) is not { } root || !Takes(root, run, message.Kind))
            return null;

        var number = Insert(message, run.Root);
        var waits = root is { HasHost: false, State: FlowRunState.Waiting or FlowRunState.Queued }
            ? !root.WaitsForFix || message.Kind.EndsWaitForFix()
            : root is { HasHost: false, State: FlowRunState.Scheduled } && message.Kind == MessageKind.Cancel;
        if (waits || (root.State.IsEnd() && message.Kind == MessageKind.Retry))
            Wake(run.Root);
        return MessageReader.Get(connection, number);
    }

    /// <summary>Keeps a message whatever state its run is in, and makes nothing due for it.</summary>
    public void Put(RunMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(message.Actor);
        if (message.Key is { } key)
            throw new ArgumentException($"A message to run {message.RunId} has the key '{key}': only SendAsync takes messages with a key.", nameof(message));
        if (Find(message.RunId) is { } run)
            Insert(message, run.Root);
    }

    /// <summary>Notes who took a message; one that was never sent to this run is left alone.</summary>
    public void Take(TakenMessage taken) => connection.Prepare("UPDATE messages SET taken_by = ?3 WHERE number = ?1 AND run_id = ?2")
        .Bind(1, taken.Number)
        .Bind(2, taken.RunId)
        .Bind(3, taken.Sequence)
        .Execute();

    // A run that crashed, and one that somebody asked for again, goes on when a host takes it: it has not ended for good.
    private static bool Takes(Recipient root, Recipient run, MessageKind kind)
    {
        if (root.State == FlowRunState.Completed || run.State == FlowRunState.Completed)
            return false;
        if (kind == MessageKind.Retry)
            return true;
        if (root.State.IsEnd() && !root.HasWakeAt)
            return false;
        return run.IsRoot || !run.State.IsEnd() || run.State == FlowRunState.Crashed;
    }

    private Recipient? Find(RunId run) => connection.Prepare(
        """
        SELECT root_run_id, root_run_id = id, state, host_id IS NOT NULL, wake_at IS NOT NULL, state = 3 AND error IS NOT NULL AND undoing_to IS NULL
        FROM flow_runs WHERE id = ?1
        """)
        .Bind(1, run)
        .QuerySingle(static row => new Recipient(
            row.GetRunId(0), row.GetInt64(1) != 0, (FlowRunState)row.GetInt32(2), row.GetInt64(3) != 0, row.GetInt64(4) != 0,
            row.GetInt64(5) != 0));

    private long Insert(RunMessage message, RunId root) => connection.Prepare(
        """
        INSERT INTO messages (run_id, root_run_id, kind, name, content, sent_at, actor, reason, key, taken_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)
        RETURNING number
        """)
        .Bind(1, message.RunId)
        .Bind(2, root)
        .Bind(3, (long)message.Kind)
        .Bind(4, message.Name)
        .Bind(5, message.Content)
        .Bind(6, message.SentAt)
        .Bind(7, message.Actor)
        .Bind(8, message.Reason)
        .Bind(9, message.Key)
        .QuerySingle(static row => row.GetInt64(0));

    // A run that ended before hosts were noted to have left it may still name one.
    private void Wake(RunId root) => connection.Prepare(
        "UPDATE flow_runs SET wake_at = min(ifnull(wake_at, ?2), ?2), host_id = NULL, is_ready = 1 WHERE id = ?1")
        .Bind(1, root)
        .Bind(2, time.GetUtcNow())
        .Execute();

    private sealed record Recipient(RunId Root, bool IsRoot, FlowRunState State, bool HasHost, bool HasWakeAt, bool WaitsForFix);
}
