namespace Fletcher.Health;

/// <summary>When a host counts as well.</summary>
public sealed class FletcherHealthOptions
{
    /// <summary>
    /// For how long the host's loop and its pulse may stand still before the host does not live. More than zero, default 1 minute: a store that is slow to answer keeps them waiting, and is no reason to
    /// start the process again.
    /// </summary>
    public TimeSpan LiveWithin { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How old the host's last look at its store may be while it is ready. More than zero, default 10 seconds.</summary>
    public TimeSpan ReadyWithin { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the store may take to answer a check. More than zero, default 5 seconds.</summary>
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(5);

    internal void Check()
    {
        Require(LiveWithin, nameof(LiveWithin));
        Require(ReadyWithin, nameof(ReadyWithin));
        Require(StoreTimeout, nameof(StoreTimeout));
    }

    private static void Require(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero)
            throw new FletcherUsageException("FLT1410", $"FletcherHealthOptions.{name} is {value}; it must be more than zero.");
    }
}
