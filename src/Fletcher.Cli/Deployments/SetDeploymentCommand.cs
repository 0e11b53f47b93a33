using System.CommandLine;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Sets something over what a deployment declares.</summary>
internal sealed class SetDeploymentCommand : DeploymentSettingsCommand
{
    private readonly Option<string> _reason;

    internal SetDeploymentCommand()
        : base(
            "set", "Sets something over what a deployment declares, until 'fletcher deployments reset'; a new version of the program does not undo it. What is not given stays, parameters each by itself; 'none' takes --start, --end, --exclude, --label and --tag away.",
            "deployments set reminders -p to=everybody --reason 'the year ends'",
            "deployments set reminders --schedule \"0 8 * * mon-fri\"",
            "deployments set reminders --priority 5 --queue slow --label none")
        => _reason = Option<string>("--reason", "Why, in one sentence; it is kept with the deployment.", "text");

    protected override async Task<int> RunAsync(Session session)
    {
        var name = session.Get(Deployment);
        var known = (await session.FindDeploymentAsync(name).ConfigureAwait(false)).Effective;
        var changes = await ReadAsync(session, known.Flow, known.Schedule).ConfigureAwait(false);
        if (changes == new DeploymentChanges())
            throw new CommandException("Nothing is said to set. Give -p, --schedule, --zone, --overlap, --priority or another option; 'fletcher deployments set --help' lists them.", ExitCode.Usage);
        await session.Client.SetDeploymentAsync(name, changes, session.Get(_reason), session.CancellationToken).ConfigureAwait(false);
        return await DeploymentChange.SayAsync(session, name, "set", hasChanged: true, $"Deployment '{name}' is set").ConfigureAwait(false);
    }
}
