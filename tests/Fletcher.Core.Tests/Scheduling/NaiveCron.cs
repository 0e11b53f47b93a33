using System.Globalization;
using NodaTime;

namespace Fletcher.Scheduling.Tests;

/// <summary>What a cron expression of five fields says, by its manual and without any of our code. No wrapped ranges, no names, no <c>L W #</c>.</summary>
internal sealed class NaiveCron(string expression)
{
    private readonly string[] _fields = expression.Split(' ');

    internal bool IsRhythm => _fields[0].Contains('*') || _fields[0].Contains('/') || _fields[1].Contains('*') || _fields[1].Contains('/');

    internal bool Matches(LocalDateTime time)
    {
        if (time.Second != 0 || !Has(0, time.Minute, 59) || !Has(1, time.Hour, 23) || !Has(3, time.Month, 12))
            return false;
        var dayOfMonth = Has(2, time.Day, 31);
        var dayOfWeek = Has(4, (int)time.DayOfWeek % 7, 6);
        return _fields[2].StartsWith('*') || _fields[4].StartsWith('*') ? dayOfMonth && dayOfWeek : dayOfMonth || dayOfWeek;
    }

    private bool Has(int field, int value, int max) => _fields[field].Split(',').Any(term =>
    {
        var step = term.Split('/');
        var range = step[0].Split('-');
        var min = field is 2 or 3 ? 1 : 0;
        var low = range[0] == "*" ? min : Number(range[0]);
        var high = range.Length == 2 ? Number(range[1]) : range[0] == "*" || step.Length == 2 ? max : low;
        return value >= low && value <= high && (value - low) % (step.Length == 2 ? Number(step[1]) : 1) == 0;
    });

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
