using Fletcher.Model;
using Fletcher.Scheduling;

namespace Fletcher.Hosting;

/// <summary>A deployment, and how it is getting on at one moment.</summary>
public sealed record DeploymentStatus
{
    /// <summary>What is kept: what is declared, what is set, and how far it is.</summary>
    public required DeploymentRecord Record { get; init; }

    /// <summary>The name.</summary>
    public string Name => Record.Name;

    /// <summary>What holds: what is set over what is declared.</summary>
    public DeploymentSettings Effective => Record.Effective;

    /// <summary>The last firing that was started, and its run; null when none was.</summary>
    public DeploymentFiring? Last => Record.Last;

    /// <summary>The next firing; null when it is paused, has no schedule, or fires no more.</summary>
    public Firing? Next { get; init; }

    /// <summary>Why it is late, why it does not start, or when it starts next: one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>What is set differently from what is declared, a line each: <c>Priority: declared 0, set 5</c>. Empty when nothing is.</summary>
    public required IReadOnlyList<string> Differences { get; init; }

    internal static DeploymentStatus Of(DeploymentRecord record, DateTimeOffset now, DateTimeOffset? lastLook, DateTimeOffset? runningSince)
    {
        Schedule? schedule = null;
        string? fault = null;
        try
        {
            schedule = record.Effective.Schedule?.ToSchedule();
        }
        catch (ScheduleFormatException e)
        {
            fault = e.Message;
        }

        return new DeploymentStatus
        {
            Record = record,
            Next = record.Paused is null ? schedule?.Next(record.HandledAt < now ? now : record.HandledAt) : null,
            Reason = fault ?? Explain(record, schedule, now, lastLook, runningSince),
            Differences = [.. Compare(record.Declared.Settings, record.Effective)],
        };
    }

    private static string Explain(DeploymentRecord record, Schedule? schedule, DateTimeOffset now, DateTimeOffset? lastLook, DateTimeOffset? runningSince)
    {
        if (schedule is null)
            return "It has no schedule: it is started by somebody, or not at all.";
        var settings = record.Effective;
        if (record.Paused is null && record.Waiting is [var first, ..] && runningSince is { } since)
        {
            return $"The firing of {FiringDecision.Shown(schedule.AtZone(first))} waits for the run before it, which goes on since {FiringDecision.Shown(schedule.AtZone(since))}, as overlap is Queue"
                + (record.Waiting.Count == 1 ? "." : $"; so do {record.Waiting.Count - 1:N0} behind it.");
        }

        return new Punctuality
        {
            Schedule = schedule,
            ScheduleId = record.Name,
            Now = now,
            LastHandled = record.HandledAt,
            CatchUp = new CatchUp { Policy = settings.CatchUp, Window = settings.CatchUpWindow },
            Overlap = settings.Overlap,
            RunningSince = runningSince,
            PausedSince = record.Paused?.At,
            PausedBy = record.Paused is { } pause ? pause.Reason is null ? pause.Actor : $"{pause.Actor} ({pause.Reason})" : null,
            LastLook = lastLook,
        }.Explain();
    }

    private static IEnumerable<string> Compare(DeploymentSettings declared, DeploymentSettings holds)
    {
        (string Name, object? Declared, object? Holds)[] parts =
        [
            (nameof(holds.Parameters), declared.Parameters, holds.Parameters),
            (nameof(holds.Schedule), Shown(declared.Schedule), Shown(holds.Schedule)),
            (nameof(holds.CatchUp), declared.CatchUp, holds.CatchUp),
            (nameof(holds.CatchUpWindow), declared.CatchUpWindow, holds.CatchUpWindow),
            (nameof(holds.Overlap), declared.Overlap, holds.Overlap),
            (nameof(holds.Priority), declared.Priority, holds.Priority),
            (nameof(holds.Queue), declared.Queue, holds.Queue),
            (nameof(holds.Labels), string.Join(", ", declared.Labels), string.Join(", ", holds.Labels)),
            (nameof(holds.Tags), string.Join(", ", declared.Tags), string.Join(", ", holds.Tags)),
        ];
        return parts.Where(part => !Equals(part.Declared, part.Holds)).Select(part => $"{part.Name}: declared {Said(part.Declared)}, set {Said(part.Holds)}");

        static string Said(object? value) => value is null or "" ? "none" : FormattableString.Invariant($"{value}");
    }

    private static string? Shown(DeploymentSchedule? schedule)
    {
        if (schedule is null)
            return null;
        try
        {
            return schedule.ToSchedule().Describe();
        }
        catch (ScheduleFormatException)
        {
            return $"{schedule.Text}, {schedule.Zone}";
        }
    }
}
