using System.Globalization;

namespace Fletcher.Engine;

/// <summary>
/// Reads durations as attributes write them: numbers with units, largest first: <c>"500ms"</c>, <c>"1.5s"</c>, <c>"1h30m"</c>.
/// The same file is compiled into the analyzers, so that what compiles also runs.
/// </summary>
internal static class Duration
{
    // In the order in which they may follow each other. "ms" must be tried before "m".
    private static readonly (string Unit, double Seconds)[] Units =
        [("d", 86_400), ("h", 3_600), ("ms", 0.001), ("m", 60), ("s", 1)];

    /// <summary>The longest duration that can be written; keeps all arithmetic on them from overflowing.</summary>
    internal static readonly TimeSpan Max = TimeSpan.FromDays(36_500);

    /// <summary>Reads a duration, or says in <paramref name="error"/> what is wrong with the text.</summary>
    internal static bool TryParse(string? text, out TimeSpan duration, out string error)
    {
        duration = default;
        error = "";
        var rest = (text ?? "").Trim();
        if (rest.Length == 0)
            return Fail("it is empty", out error);

        var seconds = 0.0;
        var last = double.MaxValue;
        while (rest.Length > 0)
        {
            var digits = 0;
            while (digits < rest.Length && (char.IsDigit(rest[digits]) || rest[digits] == '.'))
                digits++;
            if (!double.TryParse(rest.Substring(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return Fail($"a number is expected at '{rest}'", out error);

            rest = rest.Substring(digits).TrimStart();
            var found = false;
            foreach (var (unit, unitSeconds) in Units)
            {
                if (!rest.StartsWith(unit, StringComparison.Ordinal))
                    continue;
                if (unitSeconds >= last)
                    return Fail($"'{unit}' stands behind a unit that is not larger", out error);
                found = true;
                last = unitSeconds;
                seconds += number * unitSeconds;
                rest = rest.Substring(unit.Length).TrimStart();
                break;
            }

            if (!found)
            {
                return Fail(
                    rest.Length == 0
                        ? "the last number has no unit (ms, s, m, h or d)"
                        : $"'{rest}' does not begin with a unit (ms, s, m, h or d)",
                    out error);
            }
        }

        if (seconds > Max.TotalSeconds)
            return Fail($"it is longer than {Max.TotalDays:0} days", out error);
        duration = TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
        return true;
    }

    private static bool Fail(string what, out string error)
    {
        error = what;
        return false;
    }
}
