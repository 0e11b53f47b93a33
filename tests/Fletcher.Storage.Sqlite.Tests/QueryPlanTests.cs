using System.Text;

namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>What is asked at each start of a flow, and of long runs, must go through an index on every size of store.</summary>
public sealed class QueryPlanTests : SqliteTest
{
    [Theory]
    [InlineData(FlowRunReader.FindOnceSql, "flow_runs_once (flow_id=? AND once_key=?")]
    [InlineData(FlowRunReader.FindUnfinishedSql, "flow_runs_unfinished (flow_id=? AND parameters_hash=? AND host_id<?)")]
    [InlineData(FlowRunReader.FindUnfinishedSql, "flow_runs_unfinished (flow_id=? AND parameters_hash=? AND host_id>?)")]
    [InlineData(FlowRunReader.FindUnfinishedSql, "flow_runs_unfinished (flow_id=? AND parameters_hash=? AND host_id=?)")]
    [InlineData(RunDetailReader.LogsSql, "USING PRIMARY KEY (run_id=?)")]
    [InlineData(RunDetailReader.LogsOfStepSql, "log_lines_by_step (run_id=? AND sequence=?)")]
    [InlineData(WaitingReader.TimedSql, "flow_runs_timed (flow_id=? AND lane_id=? AND wake_at>?)")]
    [InlineData(RunClaims.NoteReadySql, "flow_runs_timed (flow_id=? AND lane_id=? AND wake_at>? AND wake_at<?)")]
    [InlineData(ReadyRuns.PrioritySql, "flow_runs_ready (flow_id=? AND lane_id=? AND priority<?)")]
    [InlineData(ReadyRuns.FirstKeySql, "flow_runs_ready (flow_id=? AND lane_id=? AND priority=?)")]
    [InlineData(ReadyRuns.NextKeySql, "flow_runs_ready (flow_id=? AND lane_id=? AND priority=? AND fairness_key>?)")]
    [InlineData(ReadyRuns.OldestSql, "flow_runs_ready (flow_id=? AND lane_id=? AND priority=? AND fairness_key=? AND (wake_at,id)>(?,?) AND wake_at<?)")]
    [InlineData(StartWriter.FindSql, "USING PRIMARY KEY (flow_id=? AND kind=? AND key=?)")]
    [InlineData(WaitingReader.PausedToStopSql, "messages_stopping")]
    [InlineData(WaitingReader.PausedToStopSql, "SEARCH r USING")]
    [InlineData(MessageWriter.AreThereForFixSql, "messages_by_root (root_run_id=? AND rowid>?)")]
    [InlineData(PauseWriter.WakeQueuedSql, "flow_runs_queued (flow_id=?)")]
    [InlineData(FlowRunReader.OfHostSql, "flow_runs_by_host (host_id=? AND id>?)")]
    [InlineData(OwnerReader.OwnersSql, "flow_runs_by_host (host_id>?)")]
    [InlineData(RunClaims.EndFamilySql, "flow_runs_open_members (root_run_id=?)")]
    [InlineData(RunClaims.CloseQuestionsSql, "flow_runs_by_parent (parent_run_id=?)")]
    [InlineData(RunClaims.CloseQuestionsSql, "questions USING PRIMARY KEY (run_id=?)")]
    [InlineData(MessageWriter.AreThereAfterSql, "messages_by_root (root_run_id=? AND rowid>?)")]
    [InlineData(MessageReader.AfterSql, "INTEGER PRIMARY KEY (rowid>?)")]
    [InlineData(MessageReader.UntakenSql, "messages_untaken (root_run_id=?)")]
    [InlineData(MessageReader.FindByKeySql, "messages_by_key (run_id=? AND key=?)")]
    [InlineData(QuestionReader.AllSql, "questions_by_time")]
    [InlineData(QuestionReader.OpenSql, "questions_open")]
    [InlineData(QuestionReader.OfRunSql, "PRIMARY KEY (run_id=?)")]
    [InlineData(QuestionReader.OpenOfRunSql, "PRIMARY KEY (run_id=?)")]
    [InlineData(HostReader.LivingSql, "hosts_living")]
    [InlineData(LimitReader.FirstWaiterSql, "limit_places_waiting (limit_name=? AND key=? AND granted_at=?)")]
    [InlineData(LimitReader.WaitersSql, "limit_places_waiting (limit_name=? AND key=? AND granted_at=?)")]
    [InlineData(LimitReader.WaitingNumbersSql, "COVERING INDEX limit_places_waiting (limit_name=? AND key=? AND granted_at=?)")]
    [InlineData(LimitReader.WaiterCountSql, "COVERING INDEX limit_places_waiting (limit_name=? AND key=? AND granted_at=?)")]
    [InlineData(LimitReader.TakenSql, "COVERING INDEX limit_places_granted (limit_name=? AND key=? AND granted_at>?)")]
    [InlineData(LimitReader.IsAnyGrantedSql, "COVERING INDEX limit_places_granted (limit_name=? AND key=? AND granted_at>?)")]
    [InlineData(LimitReader.OfRootSql, "limit_places_by_root (root_run_id=?)")]
    [InlineData(LimitReader.NextDueSql, "limit_lanes_due")]
    [InlineData(LimitReader.DueSql, "COVERING INDEX limit_lanes_due (due_at<?)")]
    [InlineData(SqliteDeployments.DueSql, "deployments_due (next_at<?)")]
    [InlineData(SqliteDeployments.NextSql, "COVERING INDEX deployments_due (next_at>?)")]
    [InlineData(RetentionReader.GoodPlaceSql, "COVERING INDEX flow_runs_good (flow_id=?")]
    [InlineData(RetentionReader.FailedPlaceSql, "COVERING INDEX flow_runs_failed (flow_id=?")]
    [InlineData(RetentionReader.OncePlaceSql, "COVERING INDEX flow_runs_done_once (flow_id=?")]
    [InlineData(RetentionReader.GoodSql, "COVERING INDEX flow_runs_good (flow_id=? AND ")]
    [InlineData(RetentionReader.FailedSql, "COVERING INDEX flow_runs_failed (flow_id=? AND ")]
    [InlineData(RetentionReader.OnceSql, "COVERING INDEX flow_runs_done_once (flow_id=? AND ")]
    [InlineData(RetentionReader.IsNeededSql, "COVERING INDEX flow_runs_forks (forked_from=?)")]
    [InlineData(RetentionReader.IsNeededSql, "INDEX flow_runs_members_done_once (root_run_id=?)")]
    [InlineData(RetentionReader.IsAnyOldSql, "COVERING INDEX start_keys_pruned (run_pruned_at<?)")]
    [InlineData(RetentionReader.IsAnyOldSql, "COVERING INDEX cached_results_by_age (made_at<?)")]
    [InlineData(RetentionReader.IsAnyOldSql, "hosts_ended (ended_at>? AND ended_at<?)")]
    [InlineData(RetentionWriter.ChildrenSql, "flow_runs_by_parent (parent_run_id=?)")]
    [InlineData(LimitWriter.IsAnyOfRootSql, "COVERING INDEX limit_places_by_root (root_run_id=?)")]
    [InlineData(LimitWriter.LanesOfSql, "PRIMARY KEY (limit_name=?)")]
    public async Task The_query_uses_its_index(string sql, string expected)
    {
        var plan = await PlanAsync(sql);

        Assert.Contains(expected, plan, StringComparison.Ordinal);
        Assert.DoesNotContain("SCAN r", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("MATERIALIZE unfinished", plan, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(WaitingReader.TimedSql)]
    [InlineData(RunClaims.NoteReadySql)]
    [InlineData(ReadyRuns.PrioritySql)]
    [InlineData(ReadyRuns.FirstKeySql)]
    [InlineData(ReadyRuns.NextKeySql)]
    [InlineData(ReadyRuns.OldestSql)]
    [InlineData(FlowRunReader.OfHostSql)]
    [InlineData(MessageReader.AfterSql)]
    [InlineData(MessageReader.UntakenSql)]
    [InlineData(QuestionReader.AllSql)]
    [InlineData(QuestionReader.OpenSql)]
    [InlineData(RetentionReader.GoodPlaceSql)]
    [InlineData(RetentionReader.GoodSql)]
    [InlineData(RetentionReader.FailedSql)]
    [InlineData(RetentionReader.OnceSql)]
    [InlineData(LimitReader.FirstWaiterSql)]
    [InlineData(LimitReader.WaitingNumbersSql)]
    [InlineData(LimitReader.OfRootSql)]
    [InlineData(LimitReader.DueSql)]
    public async Task The_index_has_the_order_so_that_no_more_is_read_than_asked_for(string sql) =>
        Assert.DoesNotContain("TEMP B-TREE", await PlanAsync(sql), StringComparison.Ordinal);

    private async Task<string> PlanAsync(string sql)
    {
        await (await OpenAsync()).DisposeAsync();
        using var connection = Connection.Open(Database, create: false);

        var plan = new StringBuilder();
        foreach (var line in connection.Prepare("EXPLAIN QUERY PLAN " + sql).QueryAll(row => row.GetText(3)))
            plan.AppendLine(line);
        return plan.ToString();
    }
}
