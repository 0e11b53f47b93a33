namespace Fletcher.Scheduling;

/// <summary>One field of a cron expression, as it was written and as it was understood.</summary>
/// <param name="Kind">Which field.</param>
/// <param name="Written">What was written.</param>
/// <param name="Values">The values it matches, as bits; of a day field with <paramref name="Special"/>, none.</param>
/// <param name="Special">A day that is not a number: <c>L</c>, <c>15W</c>, <c>5#2</c> and the like, in capitals.</param>
/// <param name="HasStep">Whether a part of it has a step or is <c>*</c>.</param>
internal sealed record CronField(CronFieldKind Kind, ScheduleText.Part Written, ulong Values, string? Special, bool HasStep)
{
    /// <summary>Vixie's rule goes by the first character: <c>*/2</c> begins with a star too.</summary>
    internal bool BeginsWithStar => Written.Text[0] is '*' or '?';

    internal bool IsAny => Special is null && Values == Kind.All;

    /// <summary>The matched values, ascending; Sunday is 0.</summary>
    internal int[] Numbers { get; } = [.. Enumerable.Range(0, 64).Where(value => (Values >> value & 1) == 1)];

    /// <summary>In Cronos's words. It never sees what was written, so that what a list, a range or a step means is decided in one place.</summary>
    internal string ForCronos => Special ?? (IsAny ? "*" : string.Join(',', Numbers));
}
