using System.Net.Http.Headers;

namespace Fletcher;

/// <summary>
/// Says that something failed and when it may be tried again: the next attempt of the step waits at least so long. Any
/// exception can say the same with an entry <c>"Retry-After"</c> in its <see cref="Exception.Data"/> (a
/// <see cref="TimeSpan"/>, a <see cref="DateTimeOffset"/>, seconds, or the header's text).
/// </summary>
public sealed class RetryAfterException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="message">What failed.</param>
    /// <param name="retryAfter">How long to wait; negative counts as zero.</param>
    /// <param name="inner">The exception behind it, if any.</param>
    public RetryAfterException(string message, TimeSpan retryAfter, Exception? inner = null)
        : base(message, inner) => RetryAfter = retryAfter > TimeSpan.Zero ? retryAfter : TimeSpan.Zero;

    /// <summary>How long to wait.</summary>
    public TimeSpan RetryAfter { get; }
}

/// <summary>Carries the <c>Retry-After</c> header of a response to the engine.</summary>
public static class HttpResponseMessageExtensions
{
    /// <summary>
    /// Like <see cref="HttpResponseMessage.EnsureSuccessStatusCode"/>, but the exception carries the response's
    /// <c>Retry-After</c>, which a step's retries honour.
    /// </summary>
    /// <exception cref="HttpRequestException">The status code is not one of success.</exception>
    public static HttpResponseMessage EnsureSuccessOrRetryAfter(this HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        try
        {
            return response.EnsureSuccessStatusCode();
        }
        catch (HttpRequestException e) when (response.Headers.RetryAfter is { } asked)
        {
            e.Data["Retry-After"] = Value(asked);
            throw;
        }
    }

    private static object Value(RetryConditionHeaderValue asked) => asked.Delta is { } delta ? delta : asked.Date!.Value;
}
