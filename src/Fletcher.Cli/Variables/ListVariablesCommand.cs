namespace Fletcher.Cli;

/// <summary>Lists variables, as their group does by itself.</summary>
internal sealed class ListVariablesCommand() : StoreCommand("list", "Lists the variables; 'fletcher variables' does too.", "variables list --json")
{
    protected override Task<int> RunAsync(Session session) => VariablesCommand.ListAsync(session);
}
