using System.Globalization;
using System.Text;
using Fletcher.Model;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Lays out a run with its steps.</summary>
internal sealed class RunView(Session session)
{
    /// <summary>Of so many step runs of one step in a row, some are shown and the rest is counted.</summary>
    private const int MostInARow = 12;
    private const int ShownOfMany = 3;
    private const int MostResult = 60;

    private readonly LineComposer _lines = new(session.Printer.Glyphs, session.Time);
    private readonly List<StyledLine> _view = [];

    internal List<StyledLine> Compose(
        FlowRunRecord run, List<StepRunRecord> steps, IReadOnlyList<QuestionRecord> questions, IReadOnlyList<LedgerEntry> ledger, IReadOnlyList<string> standing, bool all)
    {
        Head(run, session.Time.GetUtcNow());
        foreach (var wait in standing)
            _view.Add(new StyledLine(2).Add("waits: ", Tone.Warning).Add(wait));
        if (standing.Count == 0 && questions.Count > 0)
            _view.Add(new StyledLine(2).Add(Readable.Plural(questions.Count, "open question", "open questions"), Tone.Warning));
        if (steps.Count > 0)
        {
            _view.Add(StyledLine.Empty);
            var children = steps.ToLookup(static step => step.ParentSequence);
            Steps(children, 0, 2, all);
        }

        if (ledger.Count > 0)
        {
            _view.Add(StyledLine.Empty);
            foreach (var entry in ledger)
                Entry(entry);
        }

        return _view;
    }

    private void Head(FlowRunRecord run, DateTimeOffset now)
    {
        var (sign, tone) = session.Printer.Glyphs.Of(run.State);
        _view.Add(new StyledLine().Add(sign, tone).Add(" ").Add(Readable.RunName(run), Tone.Strong).Add(" " + Glyphs.Word(run.State), tone)
            .Add(run.IsUndoing ? "  undoing" : "", Tone.Warning));
        _view.Add(new StyledLine(2) { IsVerbatim = true }.Add("run ", Tone.Dim).Add(run.Id.ToString()));
        Fact("created", $"{Readable.DateAndTime(run.CreatedAt, session.Printer.Zone)} ({Ago.Of(run.CreatedAt, now)})");
        if (run.StartedAt is { } began)
            Fact(run.EndedAt is null ? "runs for" : "took", Readable.Duration((run.EndedAt ?? now) - began) + (run.Attempt > 1 ? $", execution {run.Attempt}" : ""));
        if (run.Parameters.Length > 2)
            Fact("parameters", Readable.FirstLine(Encoding.UTF8.GetString(run.Parameters), 400));
        if (run.Reason is { } reason)
            Fact("reason", reason);
        if (run.NextAttemptAt is { } next)
            Fact("next try", $"{Readable.DateAndTime(next, session.Printer.Zone)} ({Ago.Of(next, now)})");
        if (run.ParentRunId is { } parent)
            Fact("called by", string.Create(CultureInfo.InvariantCulture, $"run {parent}, step run {run.ParentSequence}"));
        if (run.ForkedFrom is { } source)
            Fact("forked from", $"run {source}");
        if (run.Tags.Count > 0)
            Fact("tags", string.Join(", ", run.Tags));
        if (run.Error is { } error)
            _view.Add(new StyledLine(2).Add(Readable.Error(error), Tone.Bad));
        if (run.Result is { } result)
            Fact("result", Result(result, 400));
    }

    private void Steps(ILookup<int, StepRunRecord> children, int parent, int indent, bool all)
    {
        var steps = children[parent].ToList();
        for (var i = 0; i < steps.Count;)
        {
            var end = i + 1;
            while (end < steps.Count && steps[end].Step.Name == steps[i].Step.Name)
                end++;
            var row = steps[i..end];
            i = end;
            if (all || row.Count <= MostInARow)
            {
                foreach (var step in row)
                    Step(children, step, indent, all);
                continue;
            }

            // Those that ended badly or have not ended say most.
            var shown = row.Where(static step => !step.State.HasResult()).Take(MostInARow).Concat(row.Where(static step => step.State.HasResult()).Take(ShownOfMany)).OrderBy(static step => step.Sequence).ToList();
            foreach (var step in shown)
                Step(children, step, indent, all);
            var rest = row.Except(shown).GroupBy(static step => step.State).Select(static group => $"{Readable.Count(group.Count())} {Glyphs.Word(group.Key)}");
            _view.Add(new StyledLine(indent).Add($"{session.Printer.Glyphs.Ellipsis} and {Readable.Count(row.Count - shown.Count)} more {row[0].Step.Name} ({string.Join(", ", rest)})", Tone.Dim));
        }
    }

    private void Step(ILookup<int, StepRunRecord> children, StepRunRecord step, int indent, bool all)
    {
        var line = _lines.Step(step, indent, isFlow: step.ChildRunId is not null);
        if (step.Superseded)
            line.Add("  superseded", Tone.Dim);
        if (step.Result is { } result)
            line.Add("  = " + Result(result, MostResult), Tone.Dim);
        if (step.ChildRunId is { } child)
            line.Add($"  run {child}", Tone.Dim);
        _view.Add(line.Add(string.Create(CultureInfo.InvariantCulture, $"  #{step.Sequence}"), Tone.Dim));
        Steps(children, step.Sequence, indent + 2, all);
    }

    private void Entry(LedgerEntry entry)
    {
        var line = new StyledLine(2).Add(Readable.DateAndTime(entry.At, session.Printer.Zone) + "  ", Tone.Dim)
            .Add(entry.Sequence > 0 ? string.Create(CultureInfo.InvariantCulture, $"#{entry.Sequence} ") : "")
            .Add($"{entry.From ?? "new"} {session.Printer.Glyphs.Arrow} {entry.To}", Tone.Strong)
            .Add($"  {entry.Reason}");
        _view.Add(line.Add($"  ({entry.Actor}{(entry.Next is { } next ? $"; {next}" : "")})", Tone.Dim));
    }

    private void Fact(string name, string value) => _view.Add(new StyledLine(2).Add(name + " ", Tone.Dim).Add(value));

    private static string Result(StoredValue value, int most) => value switch
    {
        { Format: ValueFormat.Protected } => "*** (encrypted, as it has a secret in it)",
        { Content: null } or { Format: ValueFormat.Bytes } => $"{Readable.Count(value.Length)} bytes",
        _ => Readable.FirstLine(Encoding.UTF8.GetString(value.Content.AsSpan(0, Math.Min(value.Content.Length, most * 4))), most),
    };
}
