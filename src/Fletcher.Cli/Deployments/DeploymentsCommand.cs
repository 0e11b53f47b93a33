using System.CommandLine;
using Fletcher.Hosting;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Lists deployments, and holds what can be done with them.</summary>
internal sealed class DeploymentsCommand : StoreCommand
{
    private readonly Option<int> _limit;
    private readonly Option<string> _after;

    internal DeploymentsCommand()
        : base(
            "deployments", "Lists the deployments by name: the flows that can be started under a name, or start by themselves. Its commands show one, and act on it.",
            "deployments",
            "deployments show reminders",
            "deployments create reminders --flow Billing.Remind -p to='late payers' --schedule \"0 9 * * mon-fri\" --zone Europe/Berlin",
            "deployments pause reminders --reason holidays")
    {
        _limit = CountOption("--limit", "How many at the most.", 100);
        _after = Option<string>("--after", "Only names behind this one: the last of the page before.", "name");
        Subcommands.Add(new ShowDeploymentCommand());
        Subcommands.Add(new CreateDeploymentCommand());
        Subcommands.Add(new SetDeploymentCommand());
        Subcommands.Add(new ResetDeploymentCommand());
        Subcommands.Add(new PauseDeploymentCommand());
        Subcommands.Add(new ResumeDeploymentCommand());
        Subcommands.Add(new DeleteDeploymentCommand());
        Subcommands.Add(new StartDeploymentCommand());
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var limit = session.Get(_limit);
        var found = await session.Client.GetDeploymentsAsync(session.Get(_after), limit + 1, session.CancellationToken).ConfigureAwait(false);
        var more = found.Count > limit ? found[limit - 1].Name : null;
        Show(session, [.. found.Take(limit)], more);
        return ExitCode.Ok;
    }

    private static void Show(Session session, List<DeploymentStatus> deployments, string? more)
    {
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteList("deployments", deployments, json.WriteDeployment);
                json.WriteString("next", more);
            });
            return;
        }

        if (deployments.Count == 0)
        {
            session.Printer.Write($"There is no deployment, in {session.Store.Description}.");
            return;
        }

        var now = session.Time.GetUtcNow();
        var table = new Table(new("DEPLOYMENT", Shrinks: true), new("STATE"), new("NEXT"), new("LAST", IsNumber: true), new("FLOW", Shrinks: true), new("SCHEDULE", Shrinks: true));
        foreach (var deployment in deployments)
        {
            table.Add(
                (deployment.Name, Tone.Strong),
                DeploymentView.State(deployment),
                (deployment.Next is { } next ? DeploymentView.Time(next.Time) : "", Tone.Normal),
                (deployment.Last is { } last ? Ago.Of(last.At, now) : "", Tone.Dim),
                (deployment.Effective.Flow, Tone.Normal),
                (DeploymentView.Schedule(deployment.Effective) ?? "", Tone.Dim));
        }

        session.Printer.Write(table.Lines(session.Printer.Width, session.Printer.Glyphs.Ellipsis));
        if (more is not null)
            session.Printer.Write(new StyledLine { IsVerbatim = true }.Add($"more: --after '{more}'", Tone.Dim));
    }
}
