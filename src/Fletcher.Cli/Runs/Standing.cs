using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Says what an open run waits for, as far as the store knows: a sentence each, without a full stop.</summary>
internal static class Standing
{
    internal static async Task<IReadOnlyList<string>> FindAsync(Session session, FlowRunRecord run)
    {
        var store = session.Store;
        var cancellationToken = session.CancellationToken;
        if (run.IsOver)
            return [];

        List<string> found = [];
        var root = run.RootRunId == run.Id ? run : await store.GetFlowRunAsync(run.RootRunId, cancellationToken).ConfigureAwait(false) ?? run;
        if (root.HostId is { } id)
        {
            var host = await store.GetHostAsync(id, cancellationToken).ConfigureAwait(false);
            if (host is null || host.EndedAt is not null || HostView.Of(host, session.Time.GetUtcNow()) is HostLife.Dead)
                found.Add($"its host {(host is null ? id.ToString("D") : HostView.Name(host))} is gone; a host that lives takes it over when it notices");
        }
        else
        {
            if ((await store.GetPausedAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(paused => paused.Flow == root.Flow) is { } pause)
                found.Add($"the flow '{pause.Flow}' was paused by {pause.Actor}{(pause.Reason is { } why ? $": {why}" : "")}; 'fletcher flows resume {pause.Flow}' ends that");
            if (root.WakeAt > session.Time.GetUtcNow())
                found.Add(string.Create(CultureInfo.InvariantCulture, $"it is due at {root.WakeAt:yyyy-MM-dd HH:mm:ss}Z"));
            if (root.State != FlowRunState.Waiting && Takers.FindLack(root, await store.GetLivingHostsAsync(cancellationToken).ConfigureAwait(false)) is { } lack)
                found.Add($"{lack}: start a program that does");
        }

        foreach (var question in await store.GetQuestionsAsync(run.Id, true, 100, cancellationToken).ConfigureAwait(false))
            found.Add($"an answer to '{question.Text}'{(question.To is { } to ? $" from {to}" : "")}: 'fletcher runs answer {question.Id} <json>'");
        if (run.WaitsForFix)
            found.Add($"somebody to put right what it failed with: then 'fletcher runs resume {run.Id}'");
        found.AddRange(await LimitsAsync(session, root.Id).ConfigureAwait(false));
        return found;
    }

    private static async Task<IEnumerable<string>> LimitsAsync(Session session, RunId root)
    {
        if (session.Store.Limits is not { } limits)
            return [];
        List<string> found = [];
        foreach (var place in (await limits.GetPlacesAsync(root, session.CancellationToken).ConfigureAwait(false)).Where(static place => place.GrantedAt is null).Take(10))
        {
            var lanes = await limits.GetLanesAsync(place.Limit, place.Key, null, 1, session.CancellationToken).ConfigureAwait(false);
            var lane = lanes.Count > 0 ? lanes[0] : null;
            var by = lane is null ? "" : lane.OpenReason is { } open ? $", whose breaker is open: {open}" : lane.Holders.Count > 0 ? $", held by {string.Join(", ", lane.Holders.Take(3).Select(LimitView.Place))}" : "";
            found.Add($"limit '{LimitView.Lane(place.Limit, place.Key)}'{by}");
        }

        return found;
    }
}
