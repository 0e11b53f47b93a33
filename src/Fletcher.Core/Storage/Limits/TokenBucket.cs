using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// A token bucket in whole numbers, so that it neither drifts nor depends on how often it is looked at. One token is <see cref="Period"/> units, and each
/// microsecond brings <see cref="LimitRate.Count"/> units; so whatever the rate, nothing is ever rounded while the rate stays as it is.
/// </summary>
/// <param name="Level">How many units it held.</param>
/// <param name="Period">How many units a token is: the microseconds of the rate's period.</param>
/// <param name="At">When it held them, in microseconds since 1970 (UTC) by the store's clock.</param>
public readonly record struct TokenBucket(long Level, long Period, long At)
{
    // The greatest level is 1,000,000 tokens of 31 days each: 2.7e18, which a long holds.

    /// <summary>The full bucket of a rate.</summary>
    public static TokenBucket Full(LimitRate rate, long now) => new(rate.Burst * PeriodOf(rate), PeriodOf(rate), now);

    /// <summary>
    /// The bucket now. After a change of the rate it has as many tokens as before. A clock that was set back brings nothing and takes nothing.
    /// </summary>
    public TokenBucket Refill(LimitRate rate, long now)
    {
        var period = PeriodOf(rate);
        var level = Period == period ? Level : (Int128)Level * period / Period;
        level += (Int128)Math.Max(0, now - At) * rate.Count;
        return new((long)Int128.Min(level, (Int128)rate.Burst * period), period, now);
    }

    /// <summary>Takes as many tokens as something weighs; one that weighs more than the burst takes a burst.</summary>
    /// <param name="rate">The rate.</param>
    /// <param name="weight">How many tokens.</param>
    /// <param name="now">The time.</param>
    /// <param name="after">The bucket afterwards, whether they were taken or not.</param>
    /// <returns>Null when they were taken; otherwise when they will be there, exactly.</returns>
    public long? Take(LimitRate rate, int weight, long now, out TokenBucket after)
    {
        after = Refill(rate, now);
        var missing = (Math.Min(weight, rate.Burst) * after.Period) - after.Level;
        if (missing > 0)
            return now + Ceiling(missing, rate.Count);
        after = after with { Level = -missing };
        return null;
    }

    /// <summary>When it will be full.</summary>
    public long FullAt(LimitRate rate, long now)
    {
        var bucket = Refill(rate, now);
        return now + Ceiling((rate.Burst * bucket.Period) - bucket.Level, rate.Count);
    }

    /// <summary>How many whole tokens it holds.</summary>
    public int Tokens => (int)(Level / Period);

    private static long PeriodOf(LimitRate rate) => rate.Period.Ticks / TimeSpan.TicksPerMicrosecond;

    private static long Ceiling(long number, long divisor) => (number / divisor) + (number % divisor > 0 ? 1 : 0);
}
