using System.Globalization;
using Fletcher.Diagnosis;
using Fletcher.Model;
using Microsoft.Extensions.Logging;

namespace Fletcher.Terminal;

/// <summary>Lays out an explanation as lines: where, what, with what, what changed, what else, what now.</summary>
internal sealed class FlashlightView(Glyphs glyphs, TimeZoneInfo zone, string workingFolder)
{
    private const int MaxNotRun = 12;
    private const int MaxMessageLines = 12;

    private readonly List<StyledLine> _lines = [];

    internal static IReadOnlyList<StyledLine> Compose(
        Explanation explanation, Glyphs glyphs, TimeZoneInfo zone, string workingFolder)
    {
        var view = new FlashlightView(glyphs, zone, workingFolder);
        view.Head(explanation);
        if (explanation.Error is { } error)
            view.Error(error);
        view.Place(explanation);
        view.Inputs(explanation);
        view.Log(explanation);
        view.Changes(explanation);
        view.Consequences(explanation);
        view.Others(explanation);
        view.Next(explanation);
        view._lines.Add(StyledLine.Empty);
        return view._lines;
    }

    private void Head(Explanation e)
    {
        var (sign, tone) = glyphs.Of(e.Run.State);
        var line = new StyledLine().Add(sign, tone).Add(" ").Add(Readable.RunName(e.Run), Tone.Strong)
            .Add(" " + Glyphs.Word(e.Run.State), tone);
        if (e.CauseStep is { } step)
        {
            line.Add(" in ").Add(Readable.StepName(step), Tone.Strong);
            if (step.Attempt > 1)
                line.Add($" (attempt {step.Attempt})", Tone.Dim);
        }
        else if (e.Error is not null)
        {
            line.Add(" in the flow's own code");
        }
        _lines.Add(StyledLine.Empty);
        _lines.Add(line);
        if (e.Path.Count > 1)
            _lines.Add(new StyledLine(2).Add(string.Join($" {glyphs.Arrow} ", e.Path), Tone.Dim));
        if (e.Run is { State: FlowRunState.Failed, Reason: { Length: > 0 } reason })
            _lines.Add(new StyledLine(2).Add(reason, Tone.Warning));
    }

    private void Error(ErrorRecord error)
    {
        _lines.Add(StyledLine.Empty);
        for (var (one, indent) = (error, 2); ; indent = Math.Min(indent + 2, 10))
        {
            AddError(one, indent);
            if (one.Inner.Count == 0)
                break;
            if (one.Type == typeof(UndoFailedException).FullName && one.Inner.Count > 1)
            {
                Dim(indent + 2, "the undo failed with");
                AddError(one.Inner[1], indent + 2);
                Dim(indent + 2, "there was something to undo because of");
            }
            else if (one.Inner.Count > 1)
            {
                Dim(indent + 2, $"the first of {one.Inner.Count} inner errors:");
            }

            one = one.Inner[0];
        }
    }

    private void AddError(ErrorRecord error, int indent)
    {
        var message = error.Message.Split('\n', StringSplitOptions.TrimEntries);
        var line = new StyledLine(indent).Add(Readable.TypeName(error.Type), Tone.Bad).Add(": " + message[0], Tone.Strong);
        var kind = error.Class.ToString().ToUpperInvariant();
        // The message of SqliteException begins with the code; of many others it says nothing of it.
        line.Add($"  [{kind[0]}{kind[1..].ToLowerInvariant()}{(error.Code is { } code ? ", " + code : "")}]", Tone.Dim);
        _lines.Add(line);
        foreach (var rest in message.Skip(1).Take(MaxMessageLines))
            if (rest.Length > 0)
                _lines.Add(new StyledLine(indent + 2).Add(rest));
        if (message.Length > MaxMessageLines + 1)
            Dim(indent + 2, $"{glyphs.Ellipsis} {message.Length - MaxMessageLines - 1} more lines");
    }

    private void Place(Explanation e)
    {
        if (e.Frame is { } frame)
        {
            var line = new StyledLine(2) { IsVerbatim = true }.Add("at ").Add(frame.Member, Tone.Strong);
            if (frame.File is { } file)
                line.Add("  ").Add(Shorten(file) + ":" + frame.Line.ToString(CultureInfo.InvariantCulture), Tone.Accent);
            _lines.Add(line);
        }
        else if (e is { Error: not null, CauseStep.Step: { File: { } declared } code })
        {
            _lines.Add(new StyledLine(2).Add("in ").Add(code.Name, Tone.Strong).Add(", declared at ")
                .Add($"{Shorten(declared)}:{code.Line}", Tone.Accent));
        }

        if (e.Excerpt is not { } excerpt)
            return;
        var width = excerpt.Lines[^1].Number.ToString(CultureInfo.InvariantCulture).Length;
        foreach (var source in excerpt.Lines)
        {
            var number = source.Number.ToString(CultureInfo.InvariantCulture).PadLeft(width);
            _lines.Add(new StyledLine(4) { IsVerbatim = true }
                .Add(source.IsMarked ? glyphs.Pointer + " " : "  ", Tone.Bad)
                .Add($"{number} {glyphs.Rule} ", source.IsMarked ? Tone.Bad : Tone.Dim)
                .Add(source.Text, source.IsMarked ? Tone.Strong : Tone.Dim));
        }
    }

    private void Inputs(Explanation e)
    {
        if (e.Inputs.Count == 0)
            return;
        Title(e.CauseStep is null ? "Parameters" : "Inputs");
        foreach (var input in e.Inputs)
            _lines.Add(new StyledLine(4).Add(input.Name).Add(": ").Add(input.Value, Tone.Accent));
    }

    private void Log(Explanation e)
    {
        if (e.Log.Count == 0)
            return;
        Title("Last log lines");
        foreach (var line in e.Log)
        {
            var tone = line.Level >= LogLevel.Error ? Tone.Bad : line.Level == LogLevel.Warning ? Tone.Warning : Tone.Dim;
            _lines.Add(new StyledLine(4).Add(Readable.Time(line.At, zone) + " ", Tone.Dim)
                .Add(Level(line) + " ", tone).Add(Readable.FirstLine(line.Message, 300)));
        }
    }

    private void Changes(Explanation e)
    {
        if (e.CauseStep is null)
            return;
        Title("What changed");
        if (e.LastSuccess is not { } last)
        {
            _lines.Add(new StyledLine(4).Add("No earlier run is known in which this step went well: it may never have worked."));
        }
        else
        {
            Dim(4, $"compared with {(last.At is { } at ? Readable.DateAndTime(at, zone) : "the last success")}, run {last.RunId}");
            foreach (var input in last.Inputs)
                Difference("input ", input);
            foreach (var parameter in last.Parameters.Except(last.Inputs))
                Difference("parameter ", parameter);
            if (last.VersionChanged)
                _lines.Add(new StyledLine(4).Add($"program version: {last.CodeVersionThen} {glyphs.Arrow} {last.CodeVersionNow}"));
            if (last.SourceChanged == true)
                _lines.Add(new StyledLine(4).Add("the source of the step was edited"));
            if (last.NothingChanged)
                _lines.Add(new StyledLine(4).Add("Nothing changed in code or input: then the world did.", Tone.Strong));
        }
        if (e.SucceededBeside > 0)
            Dim(4, $"In this run {Readable.Plural(e.SucceededBeside, "other run", "other runs")} of this step went well.");
    }

    private void Consequences(Explanation e)
    {
        if (e.NotRun.Count > 0)
        {
            Title("Did not run because of it");
            foreach (var step in e.NotRun.Take(MaxNotRun))
                _lines.Add(new StyledLine(4).Add(glyphs.Dot + " ", Tone.Dim).Add(step.Step)
                    .Add(step.IsCertain ? "" : "  (may not have been its turn)", Tone.Dim));
            if (e.NotRun.Count > MaxNotRun)
                Dim(4, $"{glyphs.Ellipsis} and {e.NotRun.Count - MaxNotRun} more");
        }
        if (e.FailedWithIt.Count > 0)
        {
            Title("Failed with it");
            foreach (var run in e.FailedWithIt)
                _lines.Add(new StyledLine(4).Add(Readable.RunName(run)).Add("  run " + run.Id, Tone.Dim));
        }
    }

    private void Others(Explanation e)
    {
        var others = e.OtherFailures.Where(static f => !f.IsConsequence).ToList();
        if (others.Count > 0)
        {
            Title("Other failures, with causes of their own");
            foreach (var other in others)
                _lines.Add(new StyledLine(4).Add(other.Step)
                    .Add(other.Count > 1 ? $" {glyphs.Times} {Readable.Count(other.Count)}" : "")
                    .Add($"  {Readable.TypeName(other.ErrorType)}: {Readable.FirstLine(other.Message, 140)}", Tone.Bad));
        }
        if (e.UnknownCount == 0)
            return;
        Title($"Not known whether they took effect ({Readable.Count(e.UnknownCount)}); they are not run again by themselves");
        foreach (var step in e.Unknown)
            _lines.Add(new StyledLine(4).Add("? ", Tone.Warning).Add(Readable.StepName(step)).Add($"  step run {step.Sequence}", Tone.Dim));
    }

    private void Next(Explanation e)
    {
        if (e.Advice.Count > 0)
        {
            Title("What to do");
            foreach (var advice in e.Advice)
                _lines.Add(new StyledLine(4).Add(advice));
        }
        if (e.ResumeCommand is not { } command || e.Run.State == FlowRunState.Completed)
            return;
        Title(e.Remembered > 0
            ? $"Resume; {Readable.Plural(e.Remembered, "step run is", "step runs are")} remembered and will not be repeated"
            : "Resume");
        _lines.Add(new StyledLine(4) { IsVerbatim = true }.Add(command, Tone.Accent));
    }

    private void Difference(string kind, InputDifference difference) =>
        _lines.Add(new StyledLine(4).Add(kind, Tone.Dim).Add(difference.Name).Add(": ")
            .Add(difference.Before ?? "(absent)", Tone.Dim).Add($" {glyphs.Arrow} ")
            .Add(difference.After ?? "(absent)", Tone.Warning));

    private void Title(string text)
    {
        _lines.Add(StyledLine.Empty);
        _lines.Add(new StyledLine(2).Add(text, Tone.Strong));
    }

    private void Dim(int indent, string text) => _lines.Add(new StyledLine(indent).Add(text, Tone.Dim));

    private string Shorten(string path) => Readable.ShortPath(path, workingFolder);

    private static string Level(LogLine line) => line.Category is "stdout" or "stderr"
        ? line.Category
        : line.Level switch
        {
            LogLevel.Trace => "trace ",
            LogLevel.Debug => "debug ",
            LogLevel.Information => "info  ",
            LogLevel.Warning => "warn  ",
            LogLevel.Error => "error ",
            _ => "fatal ",
        };
}
