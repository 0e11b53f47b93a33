using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>Ends the pause of a flow.</summary>
internal sealed class ResumeFlowCommand : StoreCommand
{
    private readonly Argument<string> _flow;

    internal ResumeFlowCommand()
        : base("resume", "Ends the pause of a flow; the runs that waited for it begin.", "flows resume Billing.InvoiceMonth")
        => _flow = Argument("flow", "The flow's name.").CompletedWith(StoreNames.Flows);

    protected override async Task<int> RunAsync(Session session)
    {
        var flow = session.Get(_flow);
        await FlowNames.CheckAsync(session, flow).ConfigureAwait(false);
        return FlowNames.Say(session, flow, isPaused: false, await session.Client.ResumeFlowAsync(flow, session.CancellationToken).ConfigureAwait(false));
    }
}
