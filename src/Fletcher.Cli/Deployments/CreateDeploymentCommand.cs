using System.CommandLine;
using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Declares a deployment.</summary>
internal sealed class CreateDeploymentCommand : DeploymentSettingsCommand
{
    private readonly Option<string> _flow;
    private readonly Option<bool> _replace;

    internal CreateDeploymentCommand()
        : base(
            "create", "Deploys a flow under a name. What cannot be used is refused, all of it at once.",
            "deployments create reminders --flow Billing.Remind -p to='late payers' --schedule \"0 9 * * mon-fri\" --zone Europe/Berlin",
            "deployments create import --flow Orders.Import --schedule \"every 15m\" --overlap skip --catch-up skip --queue slow --tag nightly",
            "deployments create cleanup --flow Store.Clean --schedule @daily --exclude 2026-12-24 --exclude holidays.ics")
    {
        _flow = Option<string>("--flow", "The flow's name, as 'fletcher flows' lists it. Default: the deployment's name.", "flow");
        _flow.CompletionSources.Add(StoreNames.Flows);
        _replace = Option<bool>("--replace", "Declares it anew when there is one with this name. What was set over it stays.");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var name = session.Get(Deployment);
        var flow = session.Get(_flow) ?? name;
        if (!session.Get(_replace) && await session.Client.GetDeploymentAsync(name, session.CancellationToken).ConfigureAwait(false) is not null)
            throw new CommandException($"There is a deployment '{name}' already. 'fletcher deployments set' changes it; --replace declares it anew.");
        var given = await ReadAsync(session, flow, null).ConfigureAwait(false);
        var settings = (given with { Parameters = null }).Over(new DeploymentSettings { Flow = flow });
        await session.Client.DeployJsonAsync(flow, given.Parameters ?? "{}", OptionsOf(name, settings), session.CancellationToken).ConfigureAwait(false);
        return await DeploymentChange.SayAsync(session, name, "create", hasChanged: true, $"Deployment '{name}' starts '{flow}'").ConfigureAwait(false);
    }

    private static DeploymentOptions OptionsOf(string name, DeploymentSettings settings) => new()
    {
        Name = name,
        Schedule = settings.Schedule?.ToSchedule(),
        CatchUp = settings.CatchUp,
        CatchUpWindow = settings.CatchUpWindow,
        Overlap = settings.Overlap,
        Priority = settings.Priority,
        Queue = settings.Queue,
        Labels = settings.Labels,
        Tags = settings.Tags,
    };
}
