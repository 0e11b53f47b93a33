using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Writes flow runs, and knows which flow a run is of.</summary>
internal sealed class FlowRunWriter(
    Connection connection, NameIds names, Lanes lanes, LargeValueRows largeValues, MessageWriter messages, LimitWriter limits, int threshold, TimeProvider time)
{
    private const int RememberedRuns = 16 * 1024;

    private readonly Dictionary<RunId, long> _flowOfRun = [];

    /// <summary>
    /// Writes the run, unless the store has it with a greater fence. One that waits without a host is due now if its family was sent
    /// something that it has not seen.
    /// </summary>
    public void Put(FlowRunRecord run)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(run.Parameters);
        ArgumentNullException.ThrowIfNull(run.Queue);
        ArgumentNullException.ThrowIfNull(run.Labels);
        ArgumentNullException.ThrowIfNull(run.FairnessKey);
        var flowId = names.OfFlow(run.Flow);
        var now = time.GetUtcNow();
        var wakeAt = IsAwaited(run) ? Earlier(run.WakeAt, now) : run.WakeAt;
        var statement = connection.Prepare(
            """
            INSERT INTO flow_runs (id, flow_id, name, state, reason, parameters, parameters_hash, once_key, parent_run_id,
                parent_sequence, root_run_id, attempt, created_at, started_at, ended_at, host_id, fence, result_format,
                result, result_file, result_length, error, code_version, tags, failures, next_attempt_at, wake_at, crashes,
                last_message, undoing_to, undoing_since, undoing_reason, forked_from, expires_at, caller_host_id, lane_id, priority,
                fairness_key, is_ready)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26,
                ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39)
            ON CONFLICT (id) DO UPDATE SET flow_id = ?2, name = ?3, state = ?4, reason = ?5, parameters = ?6,
                parameters_hash = ?7, once_key = ?8, parent_run_id = ?9, parent_sequence = ?10, root_run_id = ?11,
                attempt = ?12, created_at = ?13, started_at = ?14, ended_at = ?15, host_id = ?16, fence = ?17,
                result_format = ?18, result = ?19, result_file = ?20, result_length = ?21, error = ?22, code_version = ?23,
                tags = ?24, failures = ?25, next_attempt_at = ?26, wake_at = ?27, crashes = ?28, last_message = ?29,
                undoing_to = ?30, undoing_since = ?31, undoing_reason = ?32, forked_from = ?33, expires_at = ?34,
                caller_host_id = ?35, lane_id = ?36, priority = ?37, fairness_key = ?38, is_ready = ?39
            WHERE fence <= ?17
            """);
        statement
            .Bind(1, run.Id)
            .Bind(2, flowId)
            .Bind(3, run.Name)
            .Bind(4, (long)run.State)
            .Bind(5, run.Reason)
            .Bind(6, run.Parameters)
            .Bind(7, run.ParametersHash)
            .Bind(8, run.OnceKey)
            .Bind(9, run.ParentRunId)
            .Bind(10, run.ParentSequence)
            .Bind(11, run.RootRunId)
            .Bind(12, run.Attempt)
            .Bind(13, run.CreatedAt)
            .Bind(14, run.StartedAt)
            .Bind(15, run.EndedAt)
            .Bind(16, run.HostId)
            .Bind(17, run.Fence)
            .Bind(22, ErrorJson.Write(run.Error))
            .Bind(23, run.CodeVersion)
            .Bind(24, TextListJson.Write(run.Tags))
            .Bind(25, run.Failures)
            .Bind(26, run.NextAttemptAt)
            .Bind(27, wakeAt)
            .Bind(28, run.Crashes)
            .Bind(29, run.LastMessage)
            .Bind(30, (long?)run.Undoing?.To)
            .Bind(31, run.Undoing?.Since)
            .Bind(32, run.Undoing?.Reason)
            .Bind(33, run.ForkedFrom)
            .Bind(34, run.ExpiresAt)
            .Bind(35, run.CallerHostId)
            .Bind(36, lanes.Of(run))
            .Bind(37, run.Priority)
            .Bind(38, run.FairnessKey)
            .Bind(39, wakeAt <= now ? 1 : 0);
        ValueColumns.Bind(statement, 18, run.Result, threshold);
        statement.Execute();

        largeValues.Note(run.Id, run.Result);
        Remember(run.Id, flowId);
        if (run.RootRunId == run.Id)
            limits.Free(run.Id);
    }

    /// <summary>The flow of a run, or 0 when the store does not know the run.</summary>
    public long FlowOf(RunId run)
    {
        if (_flowOfRun.TryGetValue(run, out var flowId))
            return flowId;

        flowId = connection.Prepare("SELECT flow_id FROM flow_runs WHERE id = ?1")
            .Bind(1, run)
            .QuerySingle(static row => row.GetInt64(0));
        if (flowId != 0)
            Remember(run, flowId);
        return flowId;
    }

    public void Forget() => _flowOfRun.Clear();

    private bool IsAwaited(FlowRunRecord run) =>
        run.RootRunId == run.Id && run.HostId is null && run.State is (FlowRunState.Waiting or FlowRunState.Queued)
        && messages.AreThereFor(run);

    private static DateTimeOffset Earlier(DateTimeOffset? given, DateTimeOffset now) => given < now ? given.Value : now;

    private void Remember(RunId run, long flowId)
    {
        if (_flowOfRun.Count >= RememberedRuns)
            _flowOfRun.Clear();
        _flowOfRun[run] = flowId;
    }
}
