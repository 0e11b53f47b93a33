namespace Fletcher.Cli;

/// <summary>What can be asked of schedules without a store.</summary>
internal sealed class ScheduleGroup : ToolCommand
{
    internal ScheduleGroup()
        : base(
            "schedule", "Says what a schedule means: when it fires, and what it says in words. It needs no store.",
            "schedule next \"0 6 * * mon-fri\" --zone Europe/Berlin",
            "schedule explain \"every 15m\"")
    {
        Subcommands.Add(new NextCommand());
        Subcommands.Add(new ExplainCommand());
    }
}
