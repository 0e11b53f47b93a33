using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// The limits that a program declares: <c>options.Limits.Add("smtp", slots: 2).AddRate("crm", 100, TimeSpan.FromMinutes(1))</c>. They hold for all who share the
/// store. A limit may have slots, a rate and a breaker: what is added under the same name makes one limit. What somebody sets at run time
/// (<see cref="FletcherClient.SetLimitAsync"/>) wins over what is declared here.
/// </summary>
public sealed class LimitOptions
{
    private readonly Dictionary<string, LimitSettings> _declared = new(StringComparer.Ordinal);

    internal IReadOnlyDictionary<string, LimitSettings> Declared => _declared;

    /// <summary>So many at the same time.</summary>
    /// <param name="name">The limit; 1 to 200 characters.</param>
    /// <param name="slots">How many slots; 0 to 1,000,000. 0 lets nobody start.</param>
    /// <exception cref="FletcherUsageException">A value is out of its range.</exception>
    public LimitOptions Add(string name, int slots) => Put(name, Get(name) with { Slots = slots });

    /// <summary>So many starts per time, as a token bucket.</summary>
    /// <param name="name">The limit; 1 to 200 characters.</param>
    /// <param name="count">How many starts; 1 to 1,000,000.</param>
    /// <param name="period">In what time; 1 millisecond to 31 days.</param>
    /// <param name="burst">How many may start at once after a pause; 1 to 1,000,000. Default: as many as come in one second, at least 1.</param>
    /// <exception cref="FletcherUsageException">A value is out of its range.</exception>
    public LimitOptions AddRate(string name, int count, TimeSpan period, int? burst = null) =>
        Put(name, Get(name) with { Rate = new LimitRate(count, period, burst ?? LimitRate.DefaultBurst(count, period)) });

    /// <summary>A circuit breaker: it opens after failures of one step with one kind of error, holds whoever wants to start, and lets one try after a while.</summary>
    /// <param name="name">The limit; 1 to 200 characters.</param>
    /// <param name="failures">How many failures open it; 1 to 100.</param>
    /// <param name="window">Within what time; 1 millisecond to 31 days.</param>
    /// <param name="openFor">How long it is open before one may try; 1 millisecond to 31 days.</param>
    /// <exception cref="FletcherUsageException">A value is out of its range.</exception>
    public LimitOptions AddBreaker(string name, int failures, TimeSpan window, TimeSpan openFor) =>
        Put(name, Get(name) with { Breaker = new LimitBreaker(failures, window, openFor) });

    private LimitSettings Get(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return _declared.GetValueOrDefault(name) ?? new LimitSettings();
    }

    private LimitOptions Put(string name, LimitSettings settings)
    {
        Check(name, settings);
        _declared[name] = settings;
        return this;
    }

    internal static void Check(string name, LimitSettings settings)
    {
        try
        {
            LimitCheck.Check(name, settings);
        }
        catch (ArgumentException e)
        {
            throw new FletcherUsageException("FLT1601", e.Message, e);
        }
    }
}
