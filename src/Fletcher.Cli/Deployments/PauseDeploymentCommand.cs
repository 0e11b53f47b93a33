using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>Pauses a deployment.</summary>
internal sealed class PauseDeploymentCommand : StoreCommand
{
    private readonly Argument<string> _name;
    private readonly Option<string> _reason;

    internal PauseDeploymentCommand()
        : base(
            "pause", "Pauses a deployment: nothing of it starts by itself, backfills neither. Its runs go on, and 'fletcher deployments start' starts one all the same.",
            "deployments pause reminders --reason holidays")
    {
        _name = DeploymentArgument();
        _reason = Option<string>("--reason", "Why, in one sentence.", "text");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var name = session.Get(_name);
        var hasChanged = await session.Client.PauseDeploymentAsync(name, session.Get(_reason), session.CancellationToken).ConfigureAwait(false);
        return await DeploymentChange.SayAsync(
            session, name, "pause", hasChanged, hasChanged ? $"Deployment '{name}' is paused" : $"Deployment '{name}' was paused already").ConfigureAwait(false);
    }
}
