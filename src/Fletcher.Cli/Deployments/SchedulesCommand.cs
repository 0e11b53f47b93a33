using System.CommandLine;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Lists what starts by itself.</summary>
internal sealed class SchedulesCommand : StoreCommand
{
    private readonly Option<int> _limit;

    internal SchedulesCommand()
        : base(
            "schedules", "Lists the deployments that have a schedule, in the order of their next firings, with why one is late or does not start.",
            "schedules",
            "schedules --limit 5 --json")
        => _limit = CountOption("--limit", "How many at the most.", 100);

    protected override async Task<int> RunAsync(Session session)
    {
        var deployments = (await session.ReadDeploymentsAsync().ConfigureAwait(false))
            .Where(static deployment => deployment.Effective.Schedule is not null)
            .OrderBy(static deployment => deployment.Next?.Time ?? DateTimeOffset.MaxValue)
            .Take(session.Get(_limit)).ToList();
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json => json.WriteList("schedules", deployments, json.WriteDeployment));
            return ExitCode.Ok;
        }

        if (deployments.Count == 0)
        {
            session.Printer.Write($"No deployment has a schedule, in {session.Store.Description}.");
            return ExitCode.Ok;
        }

        var table = new Table(new("NEXT"), new("DEPLOYMENT", Shrinks: true), new("STATE"), new("WHY", Shrinks: true));
        foreach (var deployment in deployments)
        {
            table.Add(
                (deployment.Next is { } next ? DeploymentView.Time(next.Time) : "", Tone.Normal), (deployment.Name, Tone.Strong), DeploymentView.State(deployment), (deployment.Reason, Tone.Dim));
        }

        session.Printer.Write(table.Lines(session.Printer.Width, session.Printer.Glyphs.Ellipsis));
        return ExitCode.Ok;
    }
}
