using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>Says why a run waits when no host that is thought to live takes it.</summary>
internal static class Takers
{
    /// <summary>Null when one takes it; else what it waits for, in a sentence without a full stop.</summary>
    internal static string? FindLack(FlowRunRecord run, IReadOnlyList<HostRecord> living)
    {
        var left = living.Where(host => host.Flows.Contains(run.Flow)).ToList();
        if (left.Count == 0)
            return $"no living host takes runs of '{run.Flow}'";
        left = [.. left.Where(host => host.Queues.Count == 0 || host.Queues.Contains(run.Queue))];
        if (left.Count == 0)
            return $"no living host takes runs of '{run.Flow}' from queue '{run.Queue}'";
        left = [.. left.Where(host => run.Labels.All(host.Labels.Contains))];
        if (left.Count > 0)
            return left.TrueForAll(host => host.Capacity == 0) ? $"each host that takes runs of '{run.Flow}' is being drained" : null;
        var unknown = run.Labels.Where(label => !living.Any(host => host.Labels.Contains(label))).ToList();
        return unknown.Count > 0
            ? $"no living host has the label{(unknown.Count == 1 ? "" : "s")} {string.Join(", ", unknown.Select(label => $"'{label}'"))}"
            : $"no living host that takes runs of '{run.Flow}' has all of the labels {string.Join(", ", run.Labels.Select(label => $"'{label}'"))}";
    }
}
