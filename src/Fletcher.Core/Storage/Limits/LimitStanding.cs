namespace Fletcher.Storage;

/// <summary>Where a place stands.</summary>
/// <param name="Place">Its id.</param>
/// <param name="State">Where.</param>
/// <param name="Before">How many wait before it; 0 unless it waits.</param>
public readonly record struct LimitStanding(Guid Place, LimitPlaceState State, int Before = 0);

/// <summary>How a place stands.</summary>
public enum LimitPlaceState
{
    /// <summary>It is in line.</summary>
    Waiting = 0,
    /// <summary>It was granted: what it is for may start.</summary>
    Granted = 1,
    /// <summary>There is no such place: it was given back, or went with its lease, or its lease was lost when it was asked for.</summary>
    Gone = 2,
    /// <summary>Nobody defined the limit that it was asked of.</summary>
    Undefined = 3,
}

/// <summary>What a host that has waiters sees.</summary>
/// <param name="Changed">Those of the places asked about that do not wait any more.</param>
/// <param name="DueIn">How long until a lane of any limit is due, zero when one is; null when none ever is by itself.</param>
public sealed record LimitLook(IReadOnlyList<LimitStanding> Changed, TimeSpan? DueIn);

/// <summary>What a store says after places were given back and asked for.</summary>
/// <param name="Entered">Where the places stand that were asked for, in their order.</param>
/// <param name="DueIn">As in <see cref="LimitLook"/>.</param>
public sealed record LimitExchange(IReadOnlyList<LimitStanding> Entered, TimeSpan? DueIn);
