using System.CommandLine;
using Fletcher.Model;
using Fletcher.Terminal;
using Microsoft.Extensions.Logging;

namespace Fletcher.Cli;

/// <summary>Shows what a run wrote.</summary>
internal sealed class LogsCommand : StoreCommand
{
    private const int MostBetweenLooks = 10_000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(300);

    private readonly Argument<string> _run;
    private readonly Option<bool> _follow;
    private readonly Option<int> _tail;
    private readonly Option<int?> _step;

    internal LogsCommand()
        : base(
            "logs", "Shows the log lines of a run, and what its steps wrote to the console; the oldest first. With --json one object a line.",
            "runs logs r1t3v5x7",
            "runs logs r1t3v5x7 --follow         # and those to come, until the run ends",
            "runs logs r1t3v5x7 --step 3 --tail 20")
    {
        _run = Argument("run", "The run's id, or how it begins or ends.");
        _follow = Option<bool>("--follow", "Goes on until the run has ended.", null, "-f");
        _tail = Option<int>("--tail", "How many of the last lines at the most. Default: 1000.", "n");
        _tail.DefaultValueFactory = static _ => 1000;
        _tail.Validators.Add(static result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, out var n) || n is < 1 or > 1_000_000))
                result.AddError($"--tail is '{result.Tokens[0].Value}'; allowed are 1 to 1000000");
        });
        _step = Option<int?>("--step", "Only lines of the step run with this number.", "sequence");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var run = await session.FindAsync(session.Get(_run)).ConfigureAwait(false);
        var step = session.Get(_step);
        var lines = await session.Store.GetLogsAsync(run.Id, step, session.Get(_tail), session.CancellationToken).ConfigureAwait(false);
        Show(session, lines);
        if (!session.Get(_follow))
            return ExitCode.Ok;

        while (true)
        {
            // The end first: what was written before it is there then.
            var isOver = await session.Store.GetFlowRunAsync(run.Id, session.CancellationToken).ConfigureAwait(false) is null or { IsOver: true };
            var later = await session.Store.GetLogsAsync(run.Id, step, MostBetweenLooks, session.CancellationToken).ConfigureAwait(false);
            Show(session, [.. later.Skip(LogTail.CountSeen(lines, later))]);
            lines = later;
            if (isOver)
                return ExitCode.Ok;
            await Task.Delay(LookEvery, session.Time, session.CancellationToken).ConfigureAwait(false);
        }
    }

    private static void Show(Session session, IReadOnlyList<LogLine> lines)
    {
        if (!session.Printer.IsJson)
        {
            session.Printer.Write(lines.SelectMany(line => Compose(line, session.Printer)));
            return;
        }

        foreach (var line in lines)
        {
            session.Printer.WriteJsonLine(json =>
            {
                json.WriteString("run", line.RunId.ToString());
                json.WriteNumber("sequence", line.Sequence);
                json.WriteNumber("attempt", line.Attempt);
                json.WriteTime("at", line.At);
                json.WriteString("level", line.Level.ToString());
                json.WriteString("category", line.Category);
                json.WriteString("message", line.Message);
            });
        }
    }

    private static IEnumerable<StyledLine> Compose(LogLine line, Printer printer)
    {
        var tone = line.Level >= LogLevel.Error ? Tone.Bad : line.Level == LogLevel.Warning ? Tone.Warning : Tone.Dim;
        var kind = line.Category is "stdout" or "stderr" ? line.Category : line.Level.ToString().ToLowerInvariant();
        var texts = line.Message.TrimEnd().Split('\n');
        yield return new StyledLine { IsVerbatim = true }.Add(Readable.DateAndTime(line.At, printer.Zone) + " ", Tone.Dim).Add($"{kind,-11} ", tone)
            .Add(line.Sequence > 0 ? $"#{line.Sequence} " : "", Tone.Dim).Add(texts[0].TrimEnd('\r'));
        foreach (var text in texts.Skip(1))
            yield return new StyledLine(4) { IsVerbatim = true }.Add(text.TrimEnd('\r'));
    }
}
