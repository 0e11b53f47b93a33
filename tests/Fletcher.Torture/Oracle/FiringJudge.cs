using Fletcher.Model;
using Fletcher.Scheduling;
using Fletcher.Torture.Conductor;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Flows;

namespace Fletcher.Torture.Oracle;

/// <summary>Says which firings were missed, fired twice, or started while they had to wait.</summary>
internal static class FiringJudge
{
    public static IEnumerable<string> Check(IReadOnlyList<FiredDeployment> deployments, IReadOnlyList<FiredRun> runs, IReadOnlyList<Effect> effects)
    {
        var byDeployment = runs.ToLookup(run => run.Deployment);
        return deployments.SelectMany(deployment => CheckFirings(deployment, [.. byDeployment[deployment.Name]]).Concat(CheckTurns(deployment, effects)));
    }

    private static IEnumerable<string> CheckFirings(FiredDeployment deployment, IReadOnlyList<FiredRun> runs)
    {
        foreach (var (run, _) in runs.Where(run => run.Run.State != FlowRunState.Completed))
            yield return $"run {run.Id} of {deployment.Name} ended {run.State}: {run.Error?.Message ?? run.Reason}";
        var times = runs.Where(run => run.Firing is not null).CountBy(run => run.Firing!).ToDictionary();
        foreach (var (firing, count) in times.Where(time => time.Value > 1))
            yield return $"{firing} has {count} runs";
        var expected = deployment.Expected.Select(time => Firings.Shown(deployment.Name, time)).ToHashSet();
        foreach (var firing in times.Keys.Where(firing => !expected.Contains(firing)))
            yield return $"{firing} has a run, and is no firing";

        // With Skip, one that meets a run is left out.
        foreach (var firing in deployment.Overlap == OverlapPolicy.Skip ? [] : expected.Where(firing => !times.ContainsKey(firing)))
            yield return $"{firing} has no run";
    }

    /// <summary>With all but Allow, a run begins when those before it have ended: behind the last line of each.</summary>
    private static IEnumerable<string> CheckTurns(FiredDeployment deployment, IReadOnlyList<Effect> effects)
    {
        if (deployment.Overlap == OverlapPolicy.Allow)
            yield break;
        var spans = effects.Where(line => line.Path.StartsWith(deployment.Name + " ", StringComparison.Ordinal))
            .GroupBy(line => line.Run, (_, lines) => lines.ToList())
            .OrderBy(lines => lines[0].Offset)
            .ToList();
        for (var i = 1; i < spans.Count; i++)
        {
            if (spans[i][0].Offset < spans[i - 1][^1].Offset)
                yield return $"{spans[i][0].Path} began before {spans[i - 1][0].Path} had ended, and overlap is {deployment.Overlap}";
        }
    }
}
