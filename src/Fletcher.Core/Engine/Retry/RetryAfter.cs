using System.Globalization;

namespace Fletcher.Engine;

/// <summary>Finds in an exception how long the callee asked to wait (RFC 9110, section 10.2.3).</summary>
internal static class RetryAfter
{
    private const string DataKey = "Retry-After";

    internal static TimeSpan? Of(Exception error, DateTimeOffset now)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is RetryAfterException asked)
                return Bounded(asked.RetryAfter);
            if (e.Data[DataKey] is { } value && Read(value, now) is { } found)
                return Bounded(found);
        }

        return null;
    }

    // What somebody else says must not overflow our arithmetic.
    private static TimeSpan Bounded(TimeSpan asked) => asked < Duration.Max ? asked : Duration.Max;

    private static TimeSpan? Read(object value, DateTimeOffset now) => value switch
    {
        TimeSpan delay => delay,
        DateTimeOffset at => at - now,
        int seconds => TimeSpan.FromSeconds(seconds),
        string text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) =>
            TimeSpan.FromSeconds(seconds),
        string text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) =>
            at - now,
        _ => null,
    };
}
