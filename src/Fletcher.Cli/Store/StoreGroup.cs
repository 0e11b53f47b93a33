namespace Fletcher.Cli;

/// <summary>What looks after the store.</summary>
internal sealed class StoreGroup : ToolCommand
{
    internal StoreGroup()
        : base("store", "Looks after the store: where it is, what is in it, whether it is whole; brings it up to date, copies it, and lets go of old runs.", "store where", "store stats --json")
    {
        Subcommands.Add(new WhereCommand());
        Subcommands.Add(new StatsCommand());
        Subcommands.Add(new CheckCommand());
        Subcommands.Add(new MigrateCommand());
        Subcommands.Add(new BackupCommand());
        Subcommands.Add(new PruneCommand());
    }
}
