using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Runs that nobody takes, and flows that are paused.</summary>
internal static class RunCheck
{
    private const int MostLookedAt = 1000;

    internal static async Task<IEnumerable<Finding>> FindAsync(Session session)
    {
        var now = session.Time.GetUtcNow();
        List<Finding> findings = [];
        var paused = await session.Store.GetPausedAsync(session.CancellationToken).ConfigureAwait(false);
        foreach (var pause in paused)
            findings.Add(new Finding("paused", $"The flow '{pause.Flow}' was paused by {pause.Actor} {Ago.Of(pause.At, now)}{(pause.Reason is { } why ? $": {why}" : "")}.", $"'fletcher flows resume {pause.Flow}' ends that."));

        var living = await session.Store.GetLivingHostsAsync(session.CancellationToken).ConfigureAwait(false);
        var query = new FlowRunQuery { States = [FlowRunState.Scheduled, FlowRunState.Queued, FlowRunState.Waiting, FlowRunState.Crashed], Limit = MostLookedAt };
        var waiting = await session.Store.GetFlowRunsAsync(query, session.CancellationToken).ConfigureAwait(false);
        var lacks = waiting
            .Where(run => run.RootRunId == run.Id && run.HostId is null && !run.IsOver && run.WakeAt <= now)
            .Select(run => (Run: run, Lack: Takers.FindLack(run, living)))
            .Where(static one => one.Lack is not null)
            .GroupBy(static one => one.Lack!, StringComparer.Ordinal);
        foreach (var group in lacks)
        {
            var count = group.Count();
            findings.Add(new Finding(
                "runs", $"{Readable.Plural(count, "run is", "runs are")} due and {(count == 1 ? "waits" : "wait")}: {group.Key}, such as for run {group.First().Run.Id}.",
                "Start a program that takes the flow ('fletcher hosts' lists those that run), or cancel with 'fletcher runs cancel'."));
        }

        return findings;
    }
}
