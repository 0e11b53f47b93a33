using System.CommandLine;
using Fletcher.Hosting;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Lets go of runs that need not be kept.</summary>
internal sealed class PruneCommand : StoreCommand
{
    private readonly Option<bool> _dryRun;
    private readonly Option<string> _flow;
    private readonly Option<string> _olderThan;
    private readonly Option<string> _failedOlderThan;
    private readonly Option<int?> _keep;
    private readonly Option<bool> _compact;

    internal PruneCommand()
        : base(
            "prune", "Lets go of runs that are over and need not be kept any longer, with all that belongs to them. Hosts do it by themselves about every hour, as options and attributes of flows say; this does it now, in small transactions, while they go on. Open runs, and those that another run needs, stay.",
            "store prune --dry-run",
            "store prune --flow Billing.InvoiceMonth --older-than 7d",
            "store prune --older-than 30d --failed-older-than 90d --keep 1000 --json",
            "store prune --compact     # gives all free room of a SQLite store back; hosts wait meanwhile")
    {
        _dryRun = Option<bool>("--dry-run", "Says what would go, and changes nothing.", null, "-n");
        _flow = Option<string>("--flow", "Only runs of this flow. Without it, old idempotency keys, cached results and hosts go too.", "flow");
        _olderThan = Option<string>("--older-than", "Completed and cancelled runs that ended longer ago go, whatever is set for their flow; 1m or more.", "duration");
        _failedOlderThan = Option<string>("--failed-older-than", "Failed and crashed runs that ended longer ago go, whatever is set for their flow; 1m or more.", "duration");
        _keep = Option<int?>("--keep", "So many of the newest completed and cancelled runs of each flow stay, and no more; 1 or more.", "n");
        _compact = Option<bool>("--compact", "Gives all free room of a SQLite store back to the system at the end; hosts wait meanwhile.");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        if (session.Get(_dryRun) && session.Get(_compact))
            throw new CommandException("--dry-run and --compact exclude each other: a dry run changes nothing.", ExitCode.Usage);
        var options = new PruneOptions
        {
            DryRun = session.Get(_dryRun),
            Flow = session.Get(_flow),
            OlderThan = Age(session, _olderThan),
            FailedOlderThan = Age(session, _failedOlderThan),
            Keep = session.Get(_keep) is not { } keep || keep >= 1 ? session.Get(_keep) : throw new CommandException($"--keep is '{keep}'; it must be 1 or more.", ExitCode.Usage),
            Compact = session.Get(_compact),
        };
        var result = await session.Client.PruneAsync(options, session.CancellationToken).ConfigureAwait(false);
        if (session.Printer.IsJson)
            WriteJson(session, result);
        else
            session.Printer.Write(Lines(result));
        return ExitCode.Ok;
    }

    private static TimeSpan? Age(Session session, Option<string> option)
    {
        if (session.Get(option) is not { } text)
            return null;
        var age = Durations.Parse(text, option.Name);
        return age >= Model.RetentionPolicy.Shortest ? age : throw new CommandException($"{option.Name} is '{text}'; it must be 1m or more.", ExitCode.Usage);
    }

    private static void WriteJson(Session session, PruneResult result) => session.Printer.WriteJson(json =>
    {
        json.WriteString("store", session.Store.Description);
        json.WriteBoolean("dryRun", result.IsDryRun);
        json.WriteNumber("runs", result.Runs);
        json.WriteList("flows", result.Flows, flow =>
        {
            json.WriteString("flow", flow.Flow);
            json.WriteString("kind", flow.Kind.ToString());
            json.WriteString("reason", flow.Reason.ToString());
            json.WriteNumber("runs", flow.Runs);
        });
        json.WriteNumber("needed", result.Needed);
        json.WriteNumber("rows", result.Rows);
        json.WriteNumber("droppedPartitions", result.DroppedPartitions);
        json.WriteNumber("keys", result.Keys);
        json.WriteNumber("cachedResults", result.CachedResults);
        json.WriteNumber("hosts", result.Hosts);
        json.WriteNumber("bytesGivenBack", result.BytesGivenBack);
        json.WriteNumber("bytesFree", result.BytesFree);
        json.WriteBoolean("needsCompacting", result.NeedsCompacting);
    });

    private static List<StyledLine> Lines(PruneResult result)
    {
        List<StyledLine> lines = [];
        var verb = result.IsDryRun ? "would go" : result.Runs == 1 ? "is gone" : "are gone";
        lines.Add(new StyledLine().Add(result.Runs == 0 ? "No run is older than it is kept." : $"{Count(result.Runs, "run")} {verb}{(result.IsDryRun ? "; nothing was changed:" : ":")}", Tone.Strong));
        foreach (var flow in result.Flows)
            lines.Add(new StyledLine(2).Add($"{Readable.Count(flow.Runs)}  {flow.Flow}  ").Add($"{Kind(flow)}, {Why(flow)}", Tone.Dim));
        Fact(result.Needed, "run", "stays, as another run needs it", "stay, as other runs need them");
        Fact(result.Keys, "idempotency key", result.IsDryRun ? "would be forgotten" : "forgotten");
        Fact(result.CachedResults, "cached result", result.IsDryRun ? "would be forgotten" : "forgotten");
        Fact(result.Hosts, "host", result.IsDryRun ? "would be forgotten" : "forgotten");
        Fact(result.Rows, "row", "deleted");
        Fact(result.DroppedPartitions, "partition", "dropped");
        if (result.BytesGivenBack > 0)
            lines.Add(new StyledLine(2).Add($"{StatsCommand.Size(result.BytesGivenBack)} given back to the system"));
        if (result.NeedsCompacting)
            lines.Add(new StyledLine().Add($"{StatsCommand.Size(result.BytesFree)} are free in the store, for what is written next. 'fletcher store prune --compact' gives them back, once and for all that come after; hosts wait meanwhile.", Tone.Dim));
        return lines;

        void Fact(long count, string what, string one, string? many = null)
        {
            if (count > 0)
                lines.Add(new StyledLine(2).Add($"{Count(count, what)} {(count == 1 ? one : many ?? one)}"));
        }
    }

    private static string Count(long count, string what) => $"{Readable.Count(count)} {what}{(count == 1 ? "" : "s")}";

    private static string Kind(PrunedFlow flow) => flow.Kind switch
    {
        Model.RetentionKind.Good => "completed or cancelled",
        Model.RetentionKind.Failed => "failed or crashed",
        _ => "completed with a Once key",
    };

    private static string Why(PrunedFlow flow) => flow.Reason == Model.PruneReason.Age ? "too old" : "too many";
}
