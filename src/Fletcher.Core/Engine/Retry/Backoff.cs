using System.Globalization;

namespace Fletcher.Engine;

/// <summary>
/// How long to wait before each retry: a list of delays, or an exponential curve with a cap. The same file is compiled into
/// the analyzers, so that what compiles also runs.
/// </summary>
internal sealed class Backoff
{
    private const string Exponential = "exponential";

    private readonly TimeSpan[] _delays;
    private readonly double _factor;
    private readonly TimeSpan _max;

    private Backoff(TimeSpan[] delays, double factor, TimeSpan max) => (_delays, _factor, _max) = (delays, factor, max);

    /// <summary>No wait before any retry.</summary>
    internal static Backoff None { get; } = new([TimeSpan.Zero], 1, Duration.Max);

    /// <summary>The delay before a retry, without jitter; the first retry is number 1.</summary>
    internal TimeSpan Delay(int retry)
    {
        if (_factor == 1)
            return _delays[Math.Min(retry, _delays.Length) - 1];

        // The power overflows to infinity for large numbers, and infinity is more than the cap: no special case is needed.
        var seconds = _delays[0].TotalSeconds * Math.Pow(_factor, retry - 1);
        return seconds < _max.TotalSeconds ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)) : _max;
    }

    /// <summary>Reads <c>"1s, 10s, 1m"</c> or <c>"exponential 1s x2 max 5m"</c>, or says what is wrong with the text.</summary>
    internal static bool TryParse(string? text, out Backoff backoff, out string error)
    {
        backoff = None;
        text = (text ?? "").Trim();
        return text.StartsWith(Exponential, StringComparison.OrdinalIgnoreCase)
            ? TryParseExponential(text.Substring(Exponential.Length), out backoff, out error)
            : TryParseList(text, out backoff, out error);
    }

    private static bool TryParseList(string text, out Backoff backoff, out string error)
    {
        backoff = None;
        error = "";
        var parts = text.Split(',');
        var delays = new TimeSpan[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!Duration.TryParse(parts[i], out delays[i], out error))
            {
                error = $"delay {i + 1} ('{parts[i].Trim()}'): {error}";
                return false;
            }
        }

        backoff = new Backoff(delays, 1, Duration.Max);
        return true;
    }

    private static bool TryParseExponential(string rest, out Backoff backoff, out string error)
    {
        backoff = None;
        TimeSpan? first = null;
        var factor = 2.0;
        var max = Duration.Max;
        var words = rest.Split([' '], StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i];
            if (string.Equals(word, "max", StringComparison.OrdinalIgnoreCase))
            {
                if (!Duration.TryParse(i + 1 < words.Length ? words[++i] : null, out max, out error))
                    return Fail($"the duration behind 'max': {error}", out error);
            }
            else if (word[0] is 'x' or 'X')
            {
                if (!double.TryParse(word.Substring(1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out factor)
                    || factor <= 1)
                    return Fail($"'{word}' is not a factor greater than 1, such as 'x2'", out error);
            }
            else if (first is null && Duration.TryParse(word, out var duration, out error))
            {
                first = duration;
            }
            else
            {
                return Fail($"'{word}' is not understood; expected 'exponential 1s', 'exponential 1s x3 max 5m'", out error);
            }
        }

        if (first is null || first == TimeSpan.Zero)
            return Fail("the first delay is missing; expected 'exponential 1s'", out error);

        error = "";
        backoff = new Backoff([first.Value], factor, max);
        return true;
    }

    private static bool Fail(string what, out string error)
    {
        error = what;
        return false;
    }
}
