using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>Says why a run waits when no host that is thought to live takes it.</summary>
internal static class Takers
{
    /// <summary>Null when one takes it; else what it waits for, in a sentence without a full stop.</summary>
    internal static string? FindLack(FlowRunRecord run, IReadOnlyList<HostRecord> living) => FindLack(run.Flow, run.Queue, run.Labels, living);

    /// <inheritdoc cref="FindLack(FlowRunRecord, IReadOnlyList{HostRecord})"/>
    internal static string? FindLack(string flow, string queue, IReadOnlyList<string> labels, IReadOnlyList<HostRecord> living)
    {
        var left = living.Where(host => host.Flows.Contains(flow)).ToList();
        if (left.Count == 0)
            return $"no living host takes runs of '{flow}'";
        left = [.. left.Where(host => host.Queues.Count == 0 || host.Queues.Contains(queue))];
        if (left.Count == 0)
            return $"no living host takes runs of '{flow}' from queue '{queue}'";
        left = [.. left.Where(host => labels.All(host.Labels.Contains))];
        if (left.Count > 0)
            return left.TrueForAll(host => host.Capacity == 0) ? $"each host that takes runs of '{flow}' is being drained" : null;
        var unknown = labels.Where(label => !living.Any(host => host.Labels.Contains(label))).ToList();
        return unknown.Count > 0
            ? $"no living host has the label{(unknown.Count == 1 ? "" : "s")} {string.Join(", ", unknown.Select(label => $"'{label}'"))}"
            : $"no living host that takes runs of '{flow}' has all of the labels {string.Join(", ", labels.Select(label => $"'{label}'"))}";
    }
}
