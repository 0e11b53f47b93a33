using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>Deletes a deployment.</summary>
internal sealed class DeleteDeploymentCommand : StoreCommand
{
    private readonly Argument<string> _name;

    internal DeleteDeploymentCommand()
        : base(
            "delete", "Deletes a deployment and what was set over it; its runs stay. One that code declares is there again when the next host starts: pause it to keep it from starting.",
            "deployments delete reminders")
        => _name = DeploymentArgument();

    protected override async Task<int> RunAsync(Session session)
    {
        var deployment = await session.FindDeploymentAsync(session.Get(_name)).ConfigureAwait(false);
        var isGone = await session.Client.DeleteDeploymentAsync(deployment.Name, session.CancellationToken).ConfigureAwait(false);
        var isInCode = deployment.Record.Declared.Actor == "code";
        return await DeploymentChange.SayAsync(
            session, deployment.Name, "delete", isGone, $"Deployment '{deployment.Name}' is deleted{(isInCode ? "; code declares it, so it is there again when the next host starts" : "")}").ConfigureAwait(false);
    }
}
