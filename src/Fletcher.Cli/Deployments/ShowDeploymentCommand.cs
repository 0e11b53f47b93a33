using System.CommandLine;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Shows a deployment.</summary>
internal sealed class ShowDeploymentCommand : StoreCommand
{
    private const int MostShown = 5;

    private readonly Argument<string> _name;

    internal ShowDeploymentCommand()
        : base(
            "show", "Shows a deployment: what is declared, what was set over it and by whom, when it fires next, and why it is late or does not start.",
            "deployments show reminders",
            "deployments show reminders --json")
        => _name = DeploymentArgument();

    protected override async Task<int> RunAsync(Session session)
    {
        var deployment = await session.FindDeploymentAsync(session.Get(_name)).ConfigureAwait(false);
        var now = session.Time.GetUtcNow();
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteObject("deployment", deployment, json.WriteDeployment);
                var firings = deployment.Record.Paused is null ? DeploymentView.Read(deployment.Effective)?.After(now).Take(MostShown) : null;
                json.WriteTimes("firings", firings?.Select(static firing => firing.Time) ?? []);
            });
            return ExitCode.Ok;
        }

        session.Printer.Write(DeploymentView.Compose(deployment, now));
        return ExitCode.Ok;
    }
}
