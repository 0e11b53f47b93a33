using System.CommandLine;
using Fletcher.Hosting;
using Fletcher.Scheduling;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Starts runs for firings that have none.</summary>
internal sealed class BackfillCommand : StoreCommand
{
    private readonly Argument<string> _name;
    private readonly Option<string> _from;
    private readonly Option<string> _to;
    private readonly Option<bool> _newest;
    private readonly Option<int> _atMost;
    private readonly Option<bool> _includeForgotten;
    private readonly Option<bool> _dryRun;

    internal BackfillCommand()
        : base(
            "backfill", "Starts runs for the firings of a range that have none, whatever left them out. Hosts do it, and go on with it after a crash; no firing gets a second run.",
            "backfill invoices --from 2026-01-01 --to 2027-01-01 --dry-run",
            "backfill invoices --from 2026-01-01 --to 2027-01-01 --at-most 3 --newest-first")
    {
        _name = DeploymentArgument();
        _from = Option<string>("--from", "The first instant of the range: a date or a time, in the schedule's zone unless it has an offset, or how long ago.", "time");
        _from.Required = true;
        _to = Option<string>("--to", "The instant behind the range. Default: now; what is later is left to the schedule.", "time");
        _newest = Option<bool>("--newest-first", "The newest first. Default: the oldest.");
        _atMost = CountOption("--at-most", "How many of its runs may go on at the same time.", 1);
        _includeForgotten = Option<bool>("--include-forgotten", "Also firings of which it is not known any more whether they had a run, as that was let go of. They may run a second time.");
        _dryRun = Option<bool>("--dry-run", "Only says which would be started.");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var deployment = await session.FindDeploymentAsync(session.Get(_name)).ConfigureAwait(false);
        var schedule = DeploymentView.Read(deployment.Effective);
        var now = session.Time.GetUtcNow();
        Func<DateTime, DateTimeOffset>? inZone = schedule is null ? null : schedule.InstantOf;
        var from = Durations.ParseInstant(session.Get(_from)!, "--from", now, -1, inZone);
        var to = session.Get(_to) is { } end ? Durations.ParseInstant(end, "--to", now, -1, inZone) : now;
        if (from >= to)
            throw new CommandException($"--from is {DeploymentView.Time(from)}, and --to is not later: {DeploymentView.Time(to)}.", ExitCode.Usage);
        var options = new BackfillOptions
        {
            Order = session.Get(_newest) ? BackfillOrder.NewestFirst : BackfillOrder.OldestFirst,
            AtMost = session.Get(_atMost),
            IncludeForgotten = session.Get(_includeForgotten),
            DryRun = session.Get(_dryRun),
        };
        var result = await session.Client.BackfillAsync(deployment.Name, from, to, options, session.CancellationToken).ConfigureAwait(false);
        Say(session, deployment, result, options);
        if (!session.Printer.IsJson && !result.IsDryRun && result.Times.Count > 0)
            await NoteAsync(session, deployment).ConfigureAwait(false);
        return ExitCode.Ok;
    }

    /// <summary>Says what keeps it from being done.</summary>
    private static async Task NoteAsync(Session session, DeploymentStatus deployment)
    {
        if (deployment.Record.Paused is not null)
            session.Printer.Write(new StyledLine(2).Add($"Note: it is paused, so nothing is started before 'fletcher deployments resume {deployment.Name}'.", Tone.Warning));
        var living = await session.Store.GetLivingHostsAsync(session.CancellationToken).ConfigureAwait(false);
        if (Takers.FindLack(deployment.Effective.Flow, deployment.Effective.Queue, deployment.Effective.Labels, living) is { } lack)
            session.Printer.Write(new StyledLine(2).Add($"Note: {lack}, so it waits for one.", Tone.Warning));
    }

    private static void Say(Session session, DeploymentStatus deployment, BackfillResult result, BackfillOptions options)
    {
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteString("deployment", result.Deployment);
                json.WriteBoolean("dryRun", result.IsDryRun);
                json.WriteNumber("present", result.Present);
                json.WriteTimes("times", result.Times);
            });
            return;
        }

        var present = result.Present == 0 ? "" : $"; {Readable.Plural(result.Present, "firing has", "firings have")} a run already";
        if (result.Times.Count == 0)
        {
            session.Printer.Write($"No firing of '{result.Deployment}' in this range is without a run{present}.");
            return;
        }

        if (result.IsDryRun)
            session.Printer.Write(result.Times.Select(static time => new StyledLine { IsVerbatim = true }.Add(new Firing(time).ToString())));
        session.Printer.Write(
            $"{Readable.Plural(result.Times.Count, "run", "runs")} of '{deployment.Effective.Flow}' {(result.IsDryRun ? "would be" : "are")} started, the {(options.Order == BackfillOrder.NewestFirst ? "newest" : "oldest")} first, {Readable.Count(options.AtMost)} at a time{present}.");
    }
}
