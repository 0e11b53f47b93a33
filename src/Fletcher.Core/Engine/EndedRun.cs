using Fletcher.Model;

namespace Fletcher.Engine;

/// <summary>What those are told who wait for a run that ended without a result.</summary>
internal static class EndedRun
{
    internal static RunCancelledException Cancelled(FlowRunRecord run, Exception? inner = null) =>
        new($"Flow run {run.Id} of '{run.Flow}' ended {FlowRunState.Cancelled}: {run.Reason ?? "nobody said why"}.", inner);

    internal static FletcherUsageException Failed(FlowRunRecord run) =>
        new("FLT1403", $"Flow run {run.Id} of '{run.Flow}' ended {run.State}: {run.Error?.Message ?? run.Reason}");
}
