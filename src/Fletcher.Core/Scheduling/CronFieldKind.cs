namespace Fletcher.Scheduling;

/// <summary>What may stand in a field of a cron expression.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Min">The smallest number.</param>
/// <param name="Max">The largest number that can be written.</param>
/// <param name="Count">How many values there are; less than the numbers for days of the week, as 0 and 7 are both Sunday.</param>
/// <param name="Names">Names of the values, the first for the smallest.</param>
internal sealed record CronFieldKind(string Name, int Min, int Max, int Count, string[] Names)
{
    internal static readonly CronFieldKind Second = new("second", 0, 59, 60, []);
    internal static readonly CronFieldKind Minute = new("minute", 0, 59, 60, []);
    internal static readonly CronFieldKind Hour = new("hour", 0, 23, 24, []);
    internal static readonly CronFieldKind DayOfMonth = new("day of month", 1, 31, 31, []);

    internal static readonly CronFieldKind Month =
        new("month", 1, 12, 12, ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]);

    internal static readonly CronFieldKind DayOfWeek = new("day of week", 0, 7, 7, ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]);

    /// <summary>In the order of an expression with six fields.</summary>
    internal static readonly CronFieldKind[] Six = [Second, Minute, Hour, DayOfMonth, Month, DayOfWeek];

    internal ulong All => ((1UL << Count) - 1) << Min;

    /// <summary>What is allowed, for messages.</summary>
    internal string Allowed => Names.Length == 0 ? $"{Min} to {Max}" : $"{Min} to {Max} or {Names[0]} to {Names[^1]}";

    internal ulong BitOf(int value) => 1UL << (Min + (value - Min) % Count);
}
