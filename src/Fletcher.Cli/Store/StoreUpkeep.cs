using Fletcher.Storage;

namespace Fletcher.Cli;

/// <summary>Stores that can be looked after.</summary>
internal static class StoreUpkeep
{
    internal static IStoreUpkeep Upkeep(this Session session) => session.Store as IStoreUpkeep
        ?? throw new CommandException($"The store ({session.Store.Description}) cannot be looked after from here.");
}
