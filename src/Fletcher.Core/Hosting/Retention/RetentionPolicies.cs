using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Hosting;

/// <summary>How long the runs of the program's flows are kept: what the options say of a flow goes before its attribute, and that before what holds for all.</summary>
internal static class RetentionPolicies
{
    /// <exception cref="FletcherUsageException">An attribute cannot be used (FLT1202), which the compiler says too.</exception>
    internal static RetentionPolicy Of(FlowDefinition flow, RetentionOptions options)
    {
        if (!options.IsOn)
            return RetentionPolicy.Everything;
        if (options.Flows.TryGetValue(flow.Id, out var said))
            return said;
        var general = options.Default;
        return general with
        {
            KeepFor = Duration(flow, nameof(flow.KeepFor), flow.KeepFor) ?? general.KeepFor,
            KeepFailedFor = Duration(flow, nameof(flow.KeepFailedFor), flow.KeepFailedFor) ?? general.KeepFailedFor,
            KeepOnceFor = Duration(flow, nameof(flow.KeepOnceFor), flow.KeepOnceFor) ?? general.KeepOnceFor,
            Keep = flow.Keep > 0 ? flow.Keep : general.Keep,
            KeepFailed = flow.KeepFailed > 0 ? flow.KeepFailed : general.KeepFailed,
            KeepLatest = flow.Keep > 0 ? Math.Min(flow.Keep, general.KeepLatest) : general.KeepLatest,
        };
    }

    /// <summary>What somebody asks for now, over what is kept.</summary>
    internal static RetentionPolicy With(this RetentionPolicy policy, PruneOptions asked) => policy with
    {
        KeepFor = asked.OlderThan ?? policy.KeepFor,
        KeepFailedFor = asked.FailedOlderThan ?? policy.KeepFailedFor,
        Keep = asked.Keep ?? policy.Keep,
        KeepLatest = asked.Keep is { } keep ? Math.Min(keep, policy.KeepLatest) : policy.KeepLatest,
    };

    private static TimeSpan? Duration(FlowDefinition flow, string property, string? text)
    {
        var duration = PolicyText.Duration(flow.Id, property, text);
        return duration < RetentionPolicy.Shortest ? throw PolicyText.Error(flow.Id, property, text!, "it is shorter than 1 minute") : duration;
    }
}
