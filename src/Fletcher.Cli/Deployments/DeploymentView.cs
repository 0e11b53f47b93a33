using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Scheduling;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Deployments for people.</summary>
internal static class DeploymentView
{
    private const int MostShown = 5;

    /// <summary>Its schedule in words; null without one, and as it is written when this version cannot read it.</summary>
    internal static string? Schedule(DeploymentSettings settings) =>
        Read(settings) is { } schedule ? schedule.Describe() : settings.Schedule is { } unread ? $"{unread.Text}, {unread.Zone}" : null;

    /// <summary>The schedule that can be asked; null when there is none, or this version cannot read it.</summary>
    internal static Schedule? Read(DeploymentSettings settings)
    {
        try
        {
            return settings.Schedule?.ToSchedule();
        }
        catch (ScheduleFormatException)
        {
            // A newer version wrote it; the status says so.
            return null;
        }
    }

    /// <summary>In a word, and how it looks.</summary>
    internal static (string Word, Tone Tone) State(DeploymentStatus deployment) => deployment switch
    {
        { Record.Paused: not null } => ("paused", Tone.Warning),
        { Record.Note.IsError: true } => ("trouble", Tone.Bad),
        { Effective.Schedule: null } => ("by hand", Tone.Dim),
        { Next: null } => ("ended", Tone.Dim),
        _ => ("active", Tone.Good),
    };

    /// <summary>A time of the schedule, in its zone.</summary>
    internal static string Time(DateTimeOffset time) => time.ToString(time.Second == 0 ? "yyyy-MM-dd HH:mmzzz" : "yyyy-MM-dd HH:mm:sszzz", CultureInfo.InvariantCulture);

    internal static IEnumerable<StyledLine> Compose(DeploymentStatus deployment, DateTimeOffset now)
    {
        var (record, settings) = (deployment.Record, deployment.Effective);
        var schedule = Read(settings);
        var (word, tone) = State(deployment);
        yield return new StyledLine().Add(deployment.Name, Tone.Strong).Add($"  {word}", tone).Add(deployment.Name == settings.Flow ? "" : $"  flow {settings.Flow}", Tone.Dim);
        if (Schedule(settings) is { } said)
            yield return new StyledLine(2).Add(said);
        yield return new StyledLine(2).Add(deployment.Reason, tone is Tone.Good or Tone.Dim ? Tone.Normal : tone);
        yield return new StyledLine(2).Add($"parameters {settings.Parameters}");
        yield return new StyledLine(2).Add(Policies(settings), Tone.Dim);
        yield return new StyledLine(2).Add(
            $"declared by {record.Declared.Actor}{(record.Declared.CodeVersion is { } version ? $" (version {version.Trim()})" : "")}{(record.Declared.IsByAttribute ? ", the flow's attribute," : "")} {Ago.Of(record.Declared.At, now)}", Tone.Dim);
        if (record.Set is { } set)
            yield return new StyledLine(2).Add($"set by {set.Actor} {Ago.Of(set.At, now)}{Why(set.Reason)}", Tone.Warning);
        foreach (var difference in deployment.Differences)
            yield return new StyledLine(4).Add(difference);
        if (record.Last is { } last)
            yield return new StyledLine(2) { IsVerbatim = true }.Add($"last {Time(schedule?.AtZone(last.Time) ?? last.Time)}, {Ago.Of(last.At, now)}, run {last.Run}");
        if (record.Note is { } note)
            yield return new StyledLine(2).Add($"{note.Reason}  ({Ago.Of(note.At, now)})", note.IsError ? Tone.Bad : Tone.Warning);
        if (record.Waiting.Count > 0)
            yield return new StyledLine(2).Add($"{Readable.Plural(record.Waiting.Count, "firing waits", "firings wait")} for the run before, the first is of {Time(schedule?.AtZone(record.Waiting[0]) ?? record.Waiting[0])}");
        if (record.Backfill is { } fill)
            yield return new StyledLine(2).Add($"backfill by {fill.Actor}: {Readable.Count(fill.Pending.Count)} wait, {Readable.Count(fill.Open.Count)} of at most {Readable.Count(fill.AtMost)} go on");
        if (record.Paused is not null || schedule is null)
            yield break;
        foreach (var firing in schedule.After(now).Take(MostShown))
            yield return new StyledLine(2) { IsVerbatim = true }.Add("next ", Tone.Dim).Add(Time(firing.Time));
    }

    internal static string Why(string? reason) => reason is null ? "" : $": {reason}";

    private static string Policies(DeploymentSettings settings)
    {
        List<string> parts = [];
        if (settings.Schedule is not null)
        {
            parts.Add($"catch-up {Words.Of(settings.CatchUp)}{(settings.CatchUp == CatchUpPolicy.All ? $" within {LimitView.Span(settings.CatchUpWindow)}" : "")}");
            parts.Add($"overlap {Words.Of(settings.Overlap)}");
        }

        parts.Add(string.Create(CultureInfo.InvariantCulture, $"priority {settings.Priority}"));
        parts.Add($"queue {settings.Queue}");
        if (settings.Labels.Count > 0)
            parts.Add($"labels {string.Join(", ", settings.Labels)}");
        if (settings.Tags.Count > 0)
            parts.Add($"tags {string.Join(", ", settings.Tags)}");
        return string.Join(", ", parts);
    }
}
