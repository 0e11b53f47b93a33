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
    public async Task The_query_uses_its_index(string sql, string expected)
    {
        await (await OpenAsync()).DisposeAsync();
        using var connection = Connection.Open(Database, create: false);

        var plan = new StringBuilder();
        foreach (var line in connection.Prepare("EXPLAIN QUERY PLAN " + sql).QueryAll(row => row.GetText(3)))
            plan.AppendLine(line);

        Assert.Contains(expected, plan.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("SCAN r", plan.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("MATERIALIZE unfinished", plan.ToString(), StringComparison.Ordinal);
    }
}
