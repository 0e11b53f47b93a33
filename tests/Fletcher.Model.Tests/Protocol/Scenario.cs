namespace Fletcher.Model.Tests.Protocol;

/// <summary>
/// What is explored: flows, hosts, and how often each kind of trouble may happen, at any moment. There is no clock: whatever
/// takes time may take any time, so a stalled host is one that is not chosen for a while.
/// </summary>
internal sealed record Scenario(params string[] Flows)
{
    /// <summary>At least one of them must outlive the <see cref="Crashes"/>.</summary>
    internal int Hosts { get; init; } = 2;

    /// <summary>What is sent, each at any moment after the run began: the run's number and the signal's letter, or '!' for a cancel.</summary>
    internal string[] Messages { get; init; } = [];

    /// <summary>So many processes may be killed.</summary>
    internal int Crashes { get; init; }

    /// <summary>So often a host that only stalls is taken for dead.</summary>
    internal int WrongDeaths { get; init; }

    /// <summary>So often a transaction is durable, and whoever made it gets an error instead of the answer.</summary>
    internal int Doubts { get; init; }

    /// <summary>So often somebody asks to run a failed run again.</summary>
    internal int Asks { get; init; }

    /// <summary>So often a host that shuts down hands over what it has.</summary>
    internal int HandOvers { get; init; }

    /// <summary>So often a sender that got no answer sends the same message again, with the same key.</summary>
    internal int Resends { get; init; }

    /// <summary>So often a run parks until a time. A time may be reached at any moment, so without a bound it could park for ever.</summary>
    internal int TimedParks { get; init; } = 2;

    /// <summary>A run that lost so many hosts and loses another fails.</summary>
    internal int DeathBudget { get; init; } = 3;

    /// <summary>Whether time may pass between reading a run's row and claiming it, or declaring its host dead. More states.</summary>
    internal bool StaleLooks { get; init; }

    internal Mutation Mutation { get; init; }

    /// <summary>Instead of the properties, looks for a way into this window.</summary>
    internal Window Window { get; init; }

    internal int RunOf(int key) => Messages[key - 1][0] - '0';

    internal char NameOf(int key) => Messages[key - 1][1];

    internal bool IsCancel(int key) => NameOf(key) == '!';

    public override string ToString() =>
        $"{string.Join(" and ", Flows)}; {Hosts} hosts; {Crashes} crashes, {WrongDeaths} wrong deaths, {Doubts} doubts, {HandOvers} hand-overs, {Asks} asks; "
        + $"messages [{string.Join(", ", Messages)}] and {Resends} again";
}
