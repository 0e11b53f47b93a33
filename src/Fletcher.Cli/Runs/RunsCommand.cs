using System.CommandLine;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Lists flow runs, and holds what can be done with them.</summary>
internal sealed class RunsCommand : StoreCommand
{
    private const int MostAtOnce = 1000;

    private readonly Option<string> _flow;
    private readonly Option<string[]> _state;
    private readonly Option<string> _since;
    private readonly Option<string> _until;
    private readonly Option<string[]> _tag;
    private readonly Option<string> _parent;
    private readonly Option<bool> _all;
    private readonly Option<int> _limit;
    private readonly Option<string> _before;

    internal RunsCommand()
        : base(
            "runs", "Lists flow runs, the newest first; runs that other runs called are left out. Its commands show one, and act on it.",
            "runs                                   # the newest 50",
            "runs --state failed --since 1d         # what failed in the last 24 hours",
            "runs --flow Billing.InvoiceMonth --json",
            "runs --before 01jb2w8qk3m5n7p9r1t3v5x7z9   # the page behind that run")
    {
        _flow = Option<string>("--flow", "Only runs of this flow.", "name");
        _flow.CompletionSources.Add(StoreNames.Flows);
        _state = ManyOption("--state", "Only runs in this state; may be given several times, or with commas.", "state");
        _state.TakeStates();
        _since = Option<string>("--since", "Only runs that were created since: a date, a time, or how long ago.", "time");
        _until = Option<string>("--until", "Only runs that were created before: a date, a time, or how long ago.", "time");
        _tag = ManyOption("--tag", "Only runs with this tag; may be given several times, then all must be there.", "tag");
        _parent = Option<string>("--parent", "Only runs that this run called.", "run");
        _all = Option<bool>("--all", "Also runs that other runs called.");
        _limit = CountOption("--limit", "How many at the most.", 50);
        _before = Option<string>("--before", "Only runs older than this one: the last of the page before.", "run");
        Subcommands.Add(new ShowCommand());
        Subcommands.Add(new LogsCommand());
        Subcommands.Add(new WatchCommand());
        Subcommands.Add(new StartCommand());
        Subcommands.Add(new RetryCommand());
        Subcommands.Add(new RerunCommand());
        Subcommands.Add(new ForkCommand());
        Subcommands.Add(new CancelCommand());
        Subcommands.Add(new PauseCommand());
        Subcommands.Add(new ResumeCommand());
        Subcommands.Add(new SignalCommand());
        Subcommands.Add(new QuestionsCommand());
        Subcommands.Add(new AnswerCommand());
        Subcommands.Add(new ResolveCommand());
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var now = session.Time.GetUtcNow();
        var since = session.Get(_since) is { } from ? Durations.ParseInstant(from, "--since", now, -1) : (DateTimeOffset?)null;
        var until = session.Get(_until) is { } to ? Durations.ParseInstant(to, "--until", now, -1) : (DateTimeOffset?)null;
        var limit = session.Get(_limit);
        var query = new FlowRunQuery
        {
            Flow = session.Get(_flow),
            NotBefore = since is { } begin ? RunId.FirstAt(begin) : null,
            Tags = session.GetMany(_tag),
            States = RunStates.Parse(session.GetMany(_state)),
            Parent = session.Get(_parent) is { } parent ? (await session.FindAsync(parent).ConfigureAwait(false)).Id : null,
            Before = session.Get(_before) is { } before ? (await session.FindAsync(before).ConfigureAwait(false)).Id : null,
            Limit = Math.Min(limit + 1, MostAtOnce),
        };
        var onlyRoots = !session.Get(_all) && query.Parent is null;
        List<FlowRunRecord> runs = [];
        var isOver = false;
        while (!isOver && runs.Count <= limit)
        {
            var page = await session.Store.GetFlowRunsAsync(query, session.CancellationToken).ConfigureAwait(false);
            foreach (var run in page)
            {
                // Ids sort by the time of creation.
                isOver = run.CreatedAt < since;
                if (isOver || runs.Count > limit)
                    break;
                if ((!onlyRoots || run.ParentRunId is null) && !(run.CreatedAt >= until))
                    runs.Add(run);
            }

            isOver |= page.Count < query.Limit;
            query = query with { Before = page.Count > 0 ? page[^1].Id : query.Before, Limit = MostAtOnce };
        }

        var hasMore = runs.Count > limit;
        if (hasMore)
            runs.RemoveRange(limit, runs.Count - limit);
        Show(session, runs, hasMore, now);
        return ExitCode.Ok;
    }

    private static void Show(Session session, List<FlowRunRecord> runs, bool hasMore, DateTimeOffset now)
    {
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteStartArray("runs");
                foreach (var run in runs)
                {
                    json.WriteStartObject();
                    json.WriteRun(run);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteString("next", hasMore ? runs[^1].Id.ToString() : null);
            });
            return;
        }

        if (runs.Count == 0)
        {
            session.Printer.Write($"No run fits, in {session.Store.Description}.");
            return;
        }

        var table = new Table(new("RUN"), new("STATE"), new("FLOW", Shrinks: true), new("CREATED", IsNumber: true), new("TOOK", IsNumber: true), new("WHY", Shrinks: true));
        var narrow = new Table(new("RUN"), new("STATE"), new("FLOW", Shrinks: true), new("CREATED", IsNumber: true), new("TOOK", IsNumber: true));
        foreach (var run in runs)
        {
            var (sign, tone) = session.Printer.Glyphs.Of(run.State);
            (string, Tone)[] cells =
            [
                (run.Id.ToString(), Tone.Normal),
                ($"{sign} {Glyphs.Word(run.State)}", tone),
                (Readable.RunName(run), Tone.Strong),
                (Ago.Of(run.CreatedAt, now), Tone.Dim),
                (run.StartedAt is { } began ? Readable.Duration((run.EndedAt ?? now) - began) : "", Tone.Dim),
                (run.Error is { } error ? Readable.Error(error) : run.Reason is { } reason ? Readable.FirstLine(reason, 140) : "", Tone.Dim),
            ];
            table.Add(cells);
            narrow.Add(cells[..^1]);
        }

        // What a narrow terminal would cut down to a few letters is left out.
        const int roomForWhy = 110;
        session.Printer.Write((session.Printer.Width >= roomForWhy ? table : narrow).Lines(session.Printer.Width, session.Printer.Glyphs.Ellipsis));
        if (hasMore)
            session.Printer.Write(new StyledLine { IsVerbatim = true }.Add($"more: --before {runs[^1].Id}", Tone.Dim));
    }
}
