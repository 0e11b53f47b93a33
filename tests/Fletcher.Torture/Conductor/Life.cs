using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Conductor;

/// <summary>What happens to a process between its start and its end.</summary>
/// <param name="Before">How long it runs.</param>
/// <param name="Stopped">For how long it is stopped then; null when it is not.</param>
/// <param name="After">How long it runs then; null when it is killed while it is stopped.</param>
/// <param name="Grace">It is asked to end, and killed when it has not so long after; null when it is killed without being asked.</param>
internal sealed record Life(TimeSpan Before, TimeSpan? Stopped, TimeSpan? After, TimeSpan? Grace)
{
    /// <summary>A host that is asked to end has ended long before.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Life Roll(Dice dice)
    {
        // Some die while they start (that takes about 100 ms), most while they work.
        var before = dice.Percent(10) ? dice.Below(120) : dice.Percent(60) ? dice.Between(120, 700) : dice.Between(300, 2000);
        TimeSpan? grace = dice.Percent(70) ? null : dice.Percent(50) ? Patience : Milliseconds(dice.Below(150));
        if (!dice.Percent(25))
            return new Life(Milliseconds(before), null, null, grace);
        var stopped = dice.Percent(70) ? dice.Below(300) : dice.Between(1000, 2500);
        TimeSpan? after = dice.Percent(20) ? null : Milliseconds(dice.Percent(50) ? dice.Below(30) : dice.Below(600));
        return new Life(Milliseconds(before), Milliseconds(stopped), after, after is null ? null : grace);
    }

    private static TimeSpan Milliseconds(int count) => TimeSpan.FromMilliseconds(count);
}
