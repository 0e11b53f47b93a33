namespace Fletcher.Cli;

/// <summary>Lists secrets, as their group does by itself.</summary>
internal sealed class ListSecretsCommand() : StoreCommand("list", "Lists the secrets without their texts; 'fletcher secrets' does too.", "secrets list --json")
{
    protected override Task<int> RunAsync(Session session) => SecretsCommand.ListAsync(session);
}
