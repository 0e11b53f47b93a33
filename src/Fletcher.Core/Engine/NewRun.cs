using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>Makes the record of a run that begins.</summary>
internal static class NewRun
{
    internal static FlowRunRecord Of(FletcherHost host, Call call, RunId id)
    {
        var (hash, parameters) = InputRecorder.Record(call, default, 0, host.Codec, null);
        var now = host.Now;
        return new FlowRunRecord
        {
            Id = id,
            Flow = call.Definition.Id,
            Name = call.Name(),
            State = FlowRunState.Running,
            Parameters = parameters ?? "{}"u8.ToArray(),
            ParametersHash = hash,
            OnceKey = call.RenderOnce(),
            RootRunId = id,
            CreatedAt = now,
            StartedAt = now,
            HostId = host.Id,
            CallerHostId = host.Id,
            LastMessage = host.LastMessage,
            Fence = 1,
            CodeVersion = host.CodeVersion,
            Tags = ((FlowDefinition)call.Definition).Tags,
        };
    }
}
