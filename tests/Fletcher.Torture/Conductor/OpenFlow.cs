using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Conductor;

/// <summary>A flow that is under way, and what is to be done about it from outside, when.</summary>
internal sealed class OpenFlow
{
    private readonly DateTimeOffset _openedAt = TimeProvider.System.GetUtcNow();

    public OpenFlow(ulong seed)
    {
        Plan = Plan.Of(seed);
        var dice = new Dice(Dice.Mix(seed, 0x516));
        CancelAt = Plan.Manner == Manner.Cancelled ? After(dice.Below(1500)) : null;
        foreach (var node in Plan.Nodes.Where(node => node.Kind == NodeKind.Signal).OrderBy(node => node.Path, StringComparer.Ordinal))
        {
            // Some long before anybody waits for them, some long after; some twice, and only one of the two counts.
            Signals.Add((After(dice.Below(1500)), node));
            if (dice.Percent(30))
                Signals.Add((After(dice.Below(1500)), node));
        }
    }

    public Plan Plan { get; }

    public ulong Seed => Plan.Seed;

    /// <summary>When it is cancelled; null when it is not, or was.</summary>
    public DateTimeOffset? CancelAt { get; set; }

    /// <summary>The signals to be sent.</summary>
    public List<(DateTimeOffset At, Node Node)> Signals { get; } = [];

    /// <summary>The host that was asked for it; null when there is none, or none any more.</summary>
    public HostProcess? Asked { get; set; }

    private DateTimeOffset After(int milliseconds) => _openedAt.AddMilliseconds(milliseconds);
}
