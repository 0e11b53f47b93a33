using Fletcher.Model;

namespace Fletcher.Hosting.Tests;

/// <summary>Why a run waits that no host takes.</summary>
public sealed class TakersTests
{
    private static HostRecord Host => new()
    {
        Id = Guid.NewGuid(),
        Machine = "m",
        Boot = "b",
        ProcessId = 1,
        ProcessStart = 1,
        StartedAt = default,
        HeartbeatAt = default,
        Flows = ["F"],
        Capacity = 1,
    };

    [Fact]
    public void A_run_that_a_host_takes_lacks_nothing()
    {
        Assert.Null(Takers.FindLack("F", "default", [], [Host]));
        Assert.Null(Takers.FindLack("F", "slow", ["a"], [Host, Host with { Queues = ["slow"], Labels = ["a", "b"] }]));
        Assert.Null(Takers.FindLack("F", "slow", [], [Host with { Capacity = 0 }, Host]));
    }

    [Fact]
    public void What_is_lacking_is_named()
    {
        Assert.Equal("no living host takes runs of 'F'", Takers.FindLack("F", "default", [], []));
        Assert.Equal("no living host takes runs of 'G'", Takers.FindLack("G", "default", [], [Host]));
        Assert.Equal("no living host takes runs of 'F' from queue 'slow'", Takers.FindLack("F", "slow", [], [Host with { Queues = ["default"] }]));
        Assert.Equal("no living host has the label 'a'", Takers.FindLack("F", "default", ["a", "b"], [Host with { Labels = ["b"] }]));
        Assert.Equal("no living host has the labels 'a', 'b'", Takers.FindLack("F", "default", ["a", "b"], [Host]));
        Assert.Equal(
            "no living host that takes runs of 'F' has all of the labels 'a', 'b'",
            Takers.FindLack("F", "default", ["a", "b"], [Host with { Labels = ["a"] }, Host with { Labels = ["b"] }]));
        Assert.Equal("each host that takes runs of 'F' is being drained", Takers.FindLack("F", "default", [], [Host with { Capacity = 0 }]));
    }
}
