using System.Buffers;
using System.Globalization;

namespace Fletcher.Cli;

/// <summary>Times as people write them: <c>15m</c>, <c>2d</c>, <c>2026-10-01</c>, <c>2026-10-01T06:00+02:00</c>.</summary>
internal static class Durations
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>A duration; null when it is none.</summary>
    internal static TimeSpan? TryParse(string text)
    {
        var total = TimeSpan.Zero;
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty)
            return null;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return null;
            var (unit, length) = rest[digits..] switch
            {
                ['m', 's', ..] => (TimeSpan.FromMilliseconds(1), 2),
                ['s', ..] => (TimeSpan.FromSeconds(1), 1),
                ['m', ..] => (TimeSpan.FromMinutes(1), 1),
                ['h', ..] => (TimeSpan.FromHours(1), 1),
                ['d', ..] => (TimeSpan.FromDays(1), 1),
                ['w', ..] => (TimeSpan.FromDays(7), 1),
                _ => (TimeSpan.Zero, 0),
            };
            if (length == 0 || number > 100_000)
                return null;
            total += unit * number;
            rest = rest[(digits + length)..].TrimStart();
        }

        return total;
    }

    /// <summary>A duration.</summary>
    internal static TimeSpan Parse(string text, string option) => TryParse(text)
        ?? throw new CommandException($"{option} is '{text}', which is no duration. Write a number and a unit: 500ms, 90s, 15m, 2h, 1d, 2w.", ExitCode.Usage);

    /// <summary>An instant: a duration counted from now (back or on), or a date and time, local unless it says otherwise.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="option">By which option.</param>
    /// <param name="now">The time it is.</param>
    /// <param name="direction">-1 for durations ago, 1 for durations from now.</param>
    /// <param name="inZone">The instant of a local time; null for local time here.</param>
    internal static DateTimeOffset ParseInstant(string text, string option, DateTimeOffset now, int direction, Func<DateTime, DateTimeOffset>? inZone = null)
    {
        if (TryParse(text) is { } span)
            return now + (direction * span);
        if (inZone is not null && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind | DateTimeStyles.AllowWhiteSpaces, out var local) && local.Kind == DateTimeKind.Unspecified)
            return inZone(local);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal | DateTimeStyles.AllowWhiteSpaces, out var at)
            ? at.ToUniversalTime()
            : throw new CommandException(
                $"{option} is '{text}', which is no time. Write a date (2026-10-01), a date and time (2026-10-01T06:00, with +02:00 or Z for another zone), or how long {(direction < 0 ? "ago" : "from now")} (15m, 2h, 1d).",
                ExitCode.Usage);
    }
}
