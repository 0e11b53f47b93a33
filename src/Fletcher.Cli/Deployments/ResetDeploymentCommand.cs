using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>Takes back what was set over a deployment.</summary>
internal sealed class ResetDeploymentCommand : StoreCommand
{
    private readonly Argument<string> _name;

    internal ResetDeploymentCommand()
        : base("reset", "Takes back what was set over a deployment, so that what is declared holds again. A pause stays.", "deployments reset reminders")
        => _name = DeploymentArgument();

    protected override async Task<int> RunAsync(Session session)
    {
        var name = session.Get(_name);
        var hasChanged = await session.Client.ResetDeploymentAsync(name, session.CancellationToken).ConfigureAwait(false);
        return await DeploymentChange.SayAsync(
            session, name, "reset", hasChanged, hasChanged ? $"Deployment '{name}' is again as it is declared" : $"Nothing was set over deployment '{name}'").ConfigureAwait(false);
    }
}
