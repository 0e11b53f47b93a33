using System.Globalization;

namespace Fletcher.Scheduling;

/// <summary>
/// What is known about a schedule at one moment, and what follows from it: why its last firing is late or was left out, or when the next one comes.
/// A function of these values: whoever has them gets the same sentence.
/// </summary>
public sealed record Punctuality
{
    /// <summary>The schedule.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>Its id, which decides about its jitter.</summary>
    public required string ScheduleId { get; init; }

    /// <summary>The time it is.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The time of the last firing that was started or left out; of a new schedule, when it was made.</summary>
    public required DateTimeOffset LastHandled { get; init; }

    /// <summary>What happens to missed firings.</summary>
    public CatchUp CatchUp { get; init; } = new();

    /// <summary>What happens while the run of an earlier firing goes on.</summary>
    public OverlapPolicy Overlap { get; init; }

    /// <summary>Since when the run of an earlier firing goes on; null when none does.</summary>
    public DateTimeOffset? RunningSince { get; init; }

    /// <summary>Since when it is paused; null when it is not.</summary>
    public DateTimeOffset? PausedSince { get; init; }

    /// <summary>Who paused it, and why; shown as it is.</summary>
    public string? PausedBy { get; init; }

    /// <summary>When a host last looked for firings that are due; null when none ever did.</summary>
    public DateTimeOffset? LastLook { get; init; }

    /// <summary>One sentence in English. Times are in the schedule's zone.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting of <see cref="CatchUp"/> is out of its range.</exception>
    public string Explain()
    {
        if (PausedSince is { } paused)
            return $"It is paused since {Local(paused)}{(PausedBy is null ? "" : $" by {PausedBy}")}: nothing is started until it is resumed.";
        return CatchUp.LastDue(Schedule, ScheduleId, LastHandled, Now) is { } due ? Due(due) : Ahead();
    }

    private string Due(Firing firing)
    {
        var dueAt = Schedule.DueAt(ScheduleId, firing);
        var late = $"The firing of {Local(firing.Time)} is {Length(Now - dueAt)} late";
        if (LastLook is not { } look)
            return $"{late}: no host has ever looked for firings. Start one.";
        if (look < dueAt)
            return $"{late}: no host has looked for firings since {Local(look)}. Start one.";
        if (RunningSince is { } running && Overlap == OverlapPolicy.Skip)
            return $"The firing of {Local(firing.Time)} is left out: the run before it goes on since {Local(running)}, and overlap is Skip.";
        if (RunningSince is { } before && Overlap == OverlapPolicy.Queue)
            return $"{late}: it waits for the run before it, which goes on since {Local(before)}, as overlap is Queue.";
        if (!CatchUp.Due(Schedule, ScheduleId, LastHandled, Now).Contains(firing))
            return $"The firing of {Local(firing.Time)} was missed by {Length(Now - dueAt)} and is left out: catch-up is {CatchUp.Policy}{(CatchUp.Policy == CatchUpPolicy.All ? $" within {Length(CatchUp.Window)}" : "")}.";
        return $"{late}: the next host that looks for firings starts it.";
    }

    private string Ahead()
    {
        // The time of a firing may have passed while its jitter has not.
        var after = LastHandled < Now ? LastHandled : Now;
        if (Schedule.Next(after) is not { } next)
        {
            return Schedule.End is { } end && end <= Now
                ? $"It fires no more: it ended at {Local(end)}."
                : $"It fires no more: '{Schedule.Text}' has no time after {Local(Now)}{(Schedule.End is { } last ? $" and before its end, {Local(last)}" : "")}.";
        }

        if (next.Time <= Now)
            return $"The firing of {Local(next.Time)} is due at {Local(Schedule.DueAt(ScheduleId, next))}: its jitter is up to {Phrase.Length(Schedule.Jitter)}.";
        var coming = $"The next firing is at {Local(next.Time)}, in {Length(next.Time - Now)}";
        if (Schedule.Start is { } start && start > Now)
            return $"{coming}: it starts at {Local(start)}.";
        return Schedule.NextExcluded(Now, next.Time) is { } excluded
            ? $"{coming}: the one of {Local(excluded.Time)} is left out, as its day is excluded."
            : $"{coming}.";
    }

    private string Local(DateTimeOffset time) => Schedule.AtZone(time).ToString("yyyy-MM-dd HH:mm:sszzz", CultureInfo.InvariantCulture);

    // The two largest units say enough, and less than a second nothing.
    private static string Length(TimeSpan length) => length < TimeSpan.FromSeconds(1) ? "less than a second"
        : length < TimeSpan.FromHours(1) ? Phrase.Length(TimeSpan.FromSeconds(Math.Floor(length.TotalSeconds)))
        : length < TimeSpan.FromDays(1) ? Phrase.Length(TimeSpan.FromMinutes(Math.Floor(length.TotalMinutes)))
        : Phrase.Length(TimeSpan.FromHours(Math.Floor(length.TotalHours)));
}
