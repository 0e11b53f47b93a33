using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>
/// How long runs are kept after they ended: <c>options.Retention.Default = new() { KeepFor = TimeSpan.FromDays(7) }</c>. One host at a time lets go of the others, in small batches, when it starts and about every hour.
/// See docs/retention.md.
/// </summary>
public sealed class RetentionOptions
{
    private readonly Dictionary<string, RetentionPolicy> _flows = new(StringComparer.Ordinal);

    /// <summary>
    /// Whether the host lets go of runs. Default true. When false, every run of its own flows is kept: other hosts of the store leave them too, until a host says otherwise again.
    /// </summary>
    public bool IsOn { get; set; } = true;

    /// <summary>What holds for flows of which neither <see cref="For"/> nor their own attribute says more. Default: good runs 30 days, failed ones 90 days, 100,000 of each.</summary>
    public RetentionPolicy Default { get; set; } = RetentionPolicy.Default;

    /// <summary>
    /// For how long an idempotency key is kept after its run was pruned; until then a start with it finds that there was a run. 1 day or more, default 90 days. All hosts of a store should have the same.
    /// </summary>
    public TimeSpan KeepKeysFor { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// For how long cached results are kept after they were made, whatever the <see cref="StepAttribute.Cache"/> of their steps says; the run that made them need not be kept for that. 1 minute or more,
    /// default 90 days. All hosts of a store should have the same.
    /// </summary>
    public TimeSpan KeepCachedFor { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How often it is looked; 1 minute or more, default an hour. Hosts of one store take turns.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromHours(1);

    internal IReadOnlyDictionary<string, RetentionPolicy> Flows => _flows;

    /// <summary>Says how long the runs of a flow are kept, in the place of <see cref="Default"/> and of what its attribute says.</summary>
    /// <param name="flow">The flow's stable name.</param>
    /// <param name="policy">How long.</param>
    public RetentionOptions For(string flow, RetentionPolicy policy)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(flow);
        ArgumentNullException.ThrowIfNull(policy);
        _flows[flow] = policy;
        return this;
    }

    /// <summary>What cannot be used about it, in one sentence; null when all can.</summary>
    internal string? FindProblem()
    {
        if (Default is null)
            return $"{nameof(Default)} is null; it must be a policy, such as RetentionPolicy.Everything";
        if (Default.FindProblem() is { } problem)
            return $"{nameof(Default)}.{problem}";
        foreach (var (flow, policy) in _flows)
        {
            if (policy.FindProblem() is { } wrong)
                return $"For(\"{flow}\").{wrong}";
        }

        return Shorter(nameof(KeepKeysFor), KeepKeysFor, TimeSpan.FromDays(1), "1 day")
            ?? Shorter(nameof(KeepCachedFor), KeepCachedFor, RetentionPolicy.Shortest, "1 minute")
            ?? Shorter(nameof(Every), Every, TimeSpan.FromMinutes(1), "1 minute");
    }

    private static string? Shorter(string name, TimeSpan value, TimeSpan least, string words) => value < least ? $"{name} is {value}; it must be {words} or more" : null;
}
