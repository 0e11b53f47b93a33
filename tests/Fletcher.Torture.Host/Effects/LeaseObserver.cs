using System.Collections.Concurrent;
using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Torture.Flows;

namespace Fletcher.Torture.Effects;

/// <summary>Writes a line when this host begins to execute a random flow, and knows under which fence, for the flow's body to ask.</summary>
internal sealed class LeaseObserver(EffectFile file) : IRunObserver
{
    // By run, over all hosts of the process: a flow's body knows its run and nothing of its host.
    private static readonly ConcurrentDictionary<RunId, Lease> Leases = new();

    /// <summary>The lease under which this host has just begun to execute a run.</summary>
    public static Lease Of(RunId run) => Leases[run];

    public void FlowRunChanged(FlowRunRecord run, FlowDefinition flow)
    {
        if (run.Flow != RandomFlow.Id || run.State.IsEnd() || run.HostId is not { } host || run.RootRunId != run.Id)
            return;
        var lease = new Lease(file, ulong.Parse(run.OnceKey!, CultureInfo.InvariantCulture), run.Id.ToString(), host, run.Fence);
        Leases[run.Id] = lease;
        file.Append(new Effect
        {
            Kind = EffectKind.Taken,
            Seed = lease.Seed,
            Root = lease.Root,
            Run = lease.Root,
            Path = "",
            Attempt = run.Attempt,
            Process = Environment.ProcessId,
            Host = lease.Host.ToString(),
            Fence = lease.Fence,
            At = EffectFile.Now,
        });
    }

    public void StepRunChanged(FlowRunRecord run, StepRunRecord step)
    {
    }

    public void LogWritten(LogLine line)
    {
    }

    public void ArtifactWritten(ArtifactRecord artifact)
    {
    }
}
