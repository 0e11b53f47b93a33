using System.Globalization;
using System.Text.Json;
using Fletcher.Model;

namespace Fletcher.Terminal;

/// <summary>Puts runs, steps and fan-outs into words: one line each.</summary>
internal sealed class LineComposer(Glyphs glyphs, TimeProvider time)
{
    private const int BarWidth = 20;

    internal Glyphs Glyphs => glyphs;

    internal TimeZoneInfo Zone => time.LocalTimeZone;

    internal StyledLine RunHead(RunNode run)
    {
        var record = run.Record;
        var (sign, tone) = glyphs.Of(record.State);
        var line = new StyledLine().Add(sign, tone).Add(" ").Add(Readable.RunName(record), Tone.Strong)
            .Add(" " + (record.IsUndoing && !record.State.IsEnd() ? "undoing" : Glyphs.Word(record.State)), tone)
            .Add("  " + Readable.Duration((record.EndedAt ?? time.GetUtcNow()) - run.SeenAt), Tone.Dim);
        if (record.Attempt > 1)
            line.Add($"  execution {record.Attempt}", Tone.Warning);
        if (!record.State.IsEnd() && record.State != FlowRunState.Running && record.Reason is { } reason)
            line.Add("  " + reason, Tone.Dim);
        AddProgress(line, run.Progress);
        return line.Add("  run " + record.Id, Tone.Dim);
    }

    internal StyledLine RunBegan(RunNode run)
    {
        var record = run.Record;
        var line = new StyledLine().Add(glyphs.Pointer, Tone.Accent).Add(" ").Add(Readable.RunName(record), Tone.Strong);
        line.Add(record.Attempt > 1 ? $" resumes, execution {record.Attempt}" : " started");
        if (record.Reason is { Length: > 0 } reason)
            line.Add(" (" + reason + ")", Tone.Dim);
        return line.Add("  run " + record.Id, Tone.Dim);
    }

    internal StyledLine RunEnded(RunNode run)
    {
        var record = run.Record;
        var (sign, tone) = glyphs.Of(record.State);
        var line = new StyledLine().Add(sign, tone).Add(" ").Add(Readable.RunName(record), Tone.Strong)
            .Add(" " + Glyphs.Word(record.State), tone)
            .Add("  " + Readable.Duration((record.EndedAt ?? time.GetUtcNow()) - run.SeenAt));
        if (run.Ended > 0)
        {
            line.Add("  " + Readable.Plural(run.Ended, "step", "steps"), Tone.Dim);
            if (run.Reused > 0)
                line.Add($", {Readable.Count(run.Reused)} reused", Tone.Dim);
        }
        // The error of a failed run has a page of its own behind this line, and that a run is completed needs no reason.
        if (record.State is not (FlowRunState.Failed or FlowRunState.Completed) && record.Reason is { Length: > 0 } reason)
            line.Add("  " + reason, Tone.Dim);
        return record.State == FlowRunState.Completed ? line : line.Add("  run " + record.Id, Tone.Dim);
    }

    internal StyledLine RunWasDone(FlowRunRecord record)
    {
        var (sign, tone) = glyphs.Of(record.State);
        var line = new StyledLine().Add(sign, tone).Add(" ").Add(Readable.RunName(record), Tone.Strong);
        line.Add(record.EndedAt is { } at
            ? $" was {Glyphs.Word(record.State)} before, on {Readable.DateAndTime(at, Zone)}"
            : $" was {Glyphs.Word(record.State)} before");
        if (record.OnceKey is { Length: > 0 } key)
            line.Add($", and is done once for '{Readable.FirstLine(key, 60)}'");
        return line.Add(": nothing was run").Add("  run " + record.Id, Tone.Dim);
    }

    /// <summary>A step run by itself.</summary>
    internal StyledLine Step(
        StepRunRecord step, int indent, bool isFlow = false, string? progress = null, bool isItem = false)
    {
        var (sign, tone) = glyphs.Of(step.State);
        var name = isItem ? step.Name ?? string.Create(CultureInfo.InvariantCulture, $"step run {step.Sequence}") : Readable.StepName(step);
        var line = new StyledLine(indent).Add(sign, tone).Add(" ").Add(name);
        if (isFlow)
            line.Add(" (flow)", Tone.Dim);
        if (step.Undoes != 0 && step.Reason is { } what)
            line.Add("  " + what, Tone.Dim);
        if (step.Discarded)
            line.Add("  undone", Tone.Warning);
        else if (step.State != StepRunState.Completed)
            line.Add("  " + Glyphs.Word(step.State), tone);
        if (step.StartedAt is { } began && step.State is not (StepRunState.Reused or StepRunState.Cached or StepRunState.Skipped))
            line.Add("  " + Readable.Duration((step.EndedAt ?? time.GetUtcNow()) - began), Tone.Dim);
        if (step.Attempt > 1 && step.State != StepRunState.Reused)
            line.Add($"  attempt {step.Attempt}", Tone.Warning);
        AddWhy(line, step);
        AddProgress(line, progress);
        return line;
    }

    /// <summary>A fan-out in one line.</summary>
    internal StyledLine FanOut(StepGroup group, int indent, bool withBar)
    {
        var state = group.State;
        var (sign, tone) = glyphs.Of(state);
        var isOpen = group.Open > 0;
        var total = Math.Max(group.Expected, group.Started);
        var line = new StyledLine(indent).Add(sign, tone).Add(" ").Add(group.Name);
        if (group.IsFlow)
            line.Add(" (flow)", Tone.Dim);
        line.Add($" {glyphs.Times} {Readable.Count(group.Expected > 0 || !isOpen ? total : group.Started)}");

        // Without a total a bar would only say how much runs at the same time.
        if (isOpen && withBar && group.Expected > 0)
        {
            var done = (int)(BarWidth * group.Ended / Math.Max(total, 1));
            line.Add("  ").Add(Repeat(glyphs.BarDone, done), Tone.Good).Add(Repeat(glyphs.BarLeft, BarWidth - done), Tone.Dim);
        }
        if (!isOpen)
            line.Add("  " + Readable.Duration(group.ChangedAt - group.BeganAt), Tone.Dim);
        return line.Add("  ").Add(Counts(group), Tone.Dim);
    }

    /// <summary>How far a step says it is: <c>42 % loading</c>; null when the artifact does not say.</summary>
    internal static string? Progress(string? json)
    {
        if (json is null)
            return null;
        try
        {
            using var document = JsonDocument.Parse(json);
            var text = document.RootElement.TryGetProperty("fraction", out var fraction) && fraction.TryGetDouble(out var share)
                ? string.Create(CultureInfo.InvariantCulture, $"{Math.Clamp(share, 0, 1) * 100:0} %")
                : "";
            if (document.RootElement.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String)
                text += " " + Readable.FirstLine(message.GetString()!, 80);
            return text.Trim() is { Length: > 0 } said ? said : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static void AddProgress(StyledLine line, string? json)
    {
        if (Progress(json) is { } said)
            line.Add("  " + said, Tone.Accent);
    }

    private void AddWhy(StyledLine line, StepRunRecord step)
    {
        if (step.State is StepRunState.Failed or StepRunState.Retrying && step.Error is { } error)
            line.Add("  " + Readable.Error(error), step.State == StepRunState.Failed ? Tone.Bad : Tone.Warning);
        else if (step is { Undoes: 0, State: not StepRunState.Completed } && step.Reason is { Length: > 0 } reason)
            line.Add("  " + Readable.FirstLine(reason, 140), Tone.Dim);
        if (step is { State: StepRunState.Retrying, NextAttemptAt: { } next })
            line.Add($"; attempt {step.Attempt + 1} at {Readable.Time(next, Zone)}", Tone.Warning);
    }

    private static string Counts(StepGroup group)
    {
        var counts = new List<string>();
        if (group.Open > 0)
        {
            counts.Add($"{Readable.Count(group.Ended)} done");
            counts.Add($"{Readable.Count(group.Open)} running");
        }
        else if (group.Count(StepRunState.Completed) < group.Ended && group.Count(StepRunState.Completed) > 0)
        {
            counts.Add($"{Readable.Count(group.Count(StepRunState.Completed))} completed");
        }
        foreach (var state in (ReadOnlySpan<StepRunState>)[
            StepRunState.Failed, StepRunState.Reused, StepRunState.Cached, StepRunState.Skipped, StepRunState.Cancelled,
            StepRunState.Crashed, StepRunState.Unknown, StepRunState.NotRun])
            if (group.Count(state) > 0)
                counts.Add($"{Readable.Count(group.Count(state))} {Glyphs.Word(state)}");
        return counts.Count == 0 ? "" : group.Open > 0 ? string.Join(", ", counts) : $"({string.Join(", ", counts)})";
    }

    private static string Repeat(string sign, int count) => string.Concat(Enumerable.Repeat(sign, count));
}
