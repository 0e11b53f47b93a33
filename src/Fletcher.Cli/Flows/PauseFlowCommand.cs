using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>Pauses a flow.</summary>
internal sealed class PauseFlowCommand : StoreCommand
{
    private readonly Argument<string> _flow;
    private readonly Option<string> _reason;

    internal PauseFlowCommand()
        : base("pause", "Pauses a flow: its runs that are under way end as they are, and no other begins or goes on.", "flows pause Billing.InvoiceMonth --reason 'the bank is down'")
    {
        _flow = Argument("flow", "The flow's name.").CompletedWith(StoreNames.Flows);
        _reason = Option<string>("--reason", "Why, in one sentence.", "text");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var flow = session.Get(_flow);
        await FlowNames.CheckAsync(session, flow).ConfigureAwait(false);
        await session.Client.PauseFlowAsync(flow, session.Get(_reason), session.CancellationToken).ConfigureAwait(false);
        return FlowNames.Say(session, flow, isPaused: true, hasChanged: true);
    }
}
