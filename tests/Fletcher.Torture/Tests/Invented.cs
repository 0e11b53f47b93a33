using Fletcher.Model;

namespace Fletcher.Torture.Tests;

/// <summary>Records of runs that never were, for judges.</summary>
internal static class Invented
{
    /// <summary>A run as it ended.</summary>
    public static FlowRunRecord Run(RunId id, string flow, FlowRunState state)
    {
        var parameters = "{}"u8.ToArray();
        return new FlowRunRecord
        {
            Id = id,
            Flow = flow,
            State = state,
            Parameters = parameters,
            ParametersHash = ContentHash.Of(parameters),
            RootRunId = id,
            Attempt = 1,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
    }
}
