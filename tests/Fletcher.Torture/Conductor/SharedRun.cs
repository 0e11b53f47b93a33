using Fletcher.Model;
using Fletcher.Torture.Flows;

namespace Fletcher.Torture.Conductor;

/// <summary>A customer's run that hosts shared, as it ended, and its result if it has one.</summary>
internal sealed record SharedRun(int Customer, FlowRunRecord Run, Bill? Bill);
