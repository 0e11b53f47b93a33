using Fletcher.Scheduling;

namespace Fletcher.Model;

/// <summary>A schedule as it is kept: texts only, so that a program that cannot read one, such as an older one, can still list and keep it.</summary>
public sealed record DeploymentSchedule
{
    /// <summary>The expression; see <see cref="Schedule.Text"/>.</summary>
    public required string Text { get; init; }

    /// <summary>The zone's id in the IANA database.</summary>
    public required string Zone { get; init; }

    /// <summary>The first instant at which it may fire; null for none.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>The instant from which on it does not fire any more; null for none.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Days on which it does not fire.</summary>
    public IReadOnlyList<DateOnly> ExcludedDays { get; init; } = [];

    /// <summary>iCalendar texts whose events are days on which it does not fire.</summary>
    public IReadOnlyList<string> ExcludedCalendars { get; init; } = [];

    /// <summary>How much later than its time a firing may be started.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>The texts of a schedule.</summary>
    /// <param name="schedule">The schedule.</param>
    public static DeploymentSchedule Of(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return new DeploymentSchedule
        {
            Text = schedule.Text,
            Zone = schedule.Zone,
            Start = schedule.Start,
            End = schedule.End,
            ExcludedDays = schedule.Excluded?.Days ?? [],
            ExcludedCalendars = schedule.Excluded?.Calendars ?? [],
            Jitter = schedule.Jitter,
        };
    }

    /// <summary>The schedule that can be asked.</summary>
    /// <exception cref="ScheduleFormatException">It cannot be used: a newer version of Fletcher may have written it.</exception>
    public Schedule ToSchedule()
    {
        var schedule = Schedule.Parse(Text, Zone).WithJitter(Jitter);
        if (Start is { } start)
            schedule = schedule.StartingAt(start);
        if (End is { } end)
            schedule = schedule.EndingAt(end);
        if (ExcludedDays.Count > 0)
            schedule = schedule.Except(Scheduling.ExcludedDays.Of(ExcludedDays));
        foreach (var calendar in ExcludedCalendars)
            schedule = schedule.Except(Scheduling.ExcludedDays.FromIcs(calendar));
        return schedule;
    }

    /// <inheritdoc/>
    public bool Equals(DeploymentSchedule? other) => other is not null
        && Text == other.Text && Zone == other.Zone && Start == other.Start && End == other.End && Jitter == other.Jitter
        && ExcludedDays.SequenceEqual(other.ExcludedDays) && ExcludedCalendars.SequenceEqual(other.ExcludedCalendars, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Text, Zone, Start, End, Jitter);
}
