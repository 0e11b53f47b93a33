using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// Which of the runs that wait a host takes, and in which order: by <see cref="FlowRunRecord.Priority"/>, the highest first. Of the same priority in turn by
/// <see cref="FlowRunRecord.FairnessKey"/>: the keys in the order of their code points, beginning after the one that was served last and over again at the end, one run of
/// each key in each round. Of one key the longest due first, by <see cref="FlowRunRecord.WakeAt"/>, then by id.
/// </summary>
public sealed record ClaimRequest
{
    /// <summary>The host.</summary>
    public required Guid HostId { get; init; }

    /// <summary>The flows whose runs it takes.</summary>
    public required IReadOnlyCollection<string> Flows { get; init; }

    /// <summary>The queues that it takes from; empty for all of them.</summary>
    public IReadOnlyCollection<string> Queues { get; init; } = [];

    /// <summary>The labels that it has: it takes runs that require these or fewer.</summary>
    public IReadOnlyCollection<string> Labels { get; init; } = [];

    /// <summary>How many more runs it takes of a flow, for those of its flows of which it does not take any number; 0 or more.</summary>
    public IReadOnlyDictionary<string, int> Room { get; init; } = new Dictionary<string, int>();

    /// <summary>The fairness key that was served last, by priority. A host remembers it from what it was given.</summary>
    public IReadOnlyDictionary<int, string> LastServed { get; init; } = new Dictionary<int, string>();

    /// <summary>The time (UTC).</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>How many runs at the most; from 1.</summary>
    public required int Limit { get; init; }

    /// <summary>Whether it takes from this queue and has these labels.</summary>
    public bool Takes(string queue, IEnumerable<string> labels) =>
        (Queues.Count == 0 || Queues.Contains(queue)) && labels.All(Labels.Contains);
}
