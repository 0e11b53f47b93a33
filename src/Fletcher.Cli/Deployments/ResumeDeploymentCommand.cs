using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>Ends the pause of a deployment.</summary>
internal sealed class ResumeDeploymentCommand : StoreCommand
{
    private readonly Argument<string> _name;

    internal ResumeDeploymentCommand()
        : base("resume", "Ends the pause of a deployment. Firings count from now on; 'fletcher backfill' starts those of the pause.", "deployments resume reminders")
        => _name = DeploymentArgument();

    protected override async Task<int> RunAsync(Session session)
    {
        var name = session.Get(_name);
        var hasChanged = await session.Client.ResumeDeploymentAsync(name, session.CancellationToken).ConfigureAwait(false);
        return await DeploymentChange.SayAsync(
            session, name, "resume", hasChanged, hasChanged ? $"Deployment '{name}' goes on" : $"Deployment '{name}' was not paused").ConfigureAwait(false);
    }
}
