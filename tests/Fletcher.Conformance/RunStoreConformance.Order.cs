using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>Which of the runs that are due a host gets, and in which order.</summary>
public abstract partial class RunStoreConformance
{
    private static ClaimRequest Asks(int limit = 100) => ByFlows.Request(Guid.CreateVersion7(), Flows, Now, limit);

    [Fact]
    public async Task The_highest_priority_comes_first_then_the_longest_due()
    {
        FlowRunRecord[] runs =
        [
            A.Parked(Now.AddMinutes(-9)), A.Parked(Now) with { Priority = 5 }, A.Parked(Now.AddMinutes(-1), flow: "G") with { Priority = 5 },
            A.Parked(Now.AddMinutes(-99)) with { Priority = -1 }, A.Parked(Now.AddMinutes(-8), flow: "G") with { Priority = int.MaxValue },
            A.Parked(Now.AddMinutes(-999)) with { Priority = int.MinValue },
        ];
        await WriteAsync(runs);

        var claimed = await Store.ClaimDueAsync(Asks(), Cancellation);

        Assert.Equal([runs[4].Id, runs[2].Id, runs[1].Id, runs[0].Id, runs[3].Id, runs[5].Id], claimed.Select(c => c.Run.Id));
    }

    [Fact]
    public async Task Keys_are_served_in_turn_however_many_runs_one_has()
    {
        var crowd = Enumerable.Range(0, 50).Select(i => A.Parked(Now.AddMinutes(-90 + i)) with { FairnessKey = "crowd" }).ToArray();
        var few = Enumerable.Range(0, 3).Select(i => A.Parked(Now.AddSeconds(i - 9), flow: "G") with { FairnessKey = "few" }).ToArray();
        var none = A.Parked(Now);
        await WriteAsync([.. crowd, .. few, none]);

        var claimed = await Store.ClaimDueAsync(Asks(10), Cancellation);

        Assert.Equal(
            [none.Id, crowd[0].Id, few[0].Id, crowd[1].Id, few[1].Id, crowd[2].Id, few[2].Id, crowd[3].Id, crowd[4].Id, crowd[5].Id],
            claimed.Select(c => c.Run.Id));
    }

    [Fact]
    public async Task The_key_after_the_one_that_was_served_last_comes_first()
    {
        string[] keys = ["b", "", "c", "a", "b", "Z", "\U0001F3F9", "\uFFFD"];
        await WriteAsync([.. keys.Select((key, i) => A.Parked(Now.AddSeconds(i - 60)) with { FairnessKey = key })]);

        var request = Asks() with { LastServed = new Dictionary<int, string> { [0] = "a", [1] = "c" } };
        var claimed = await Store.ClaimDueAsync(request, Cancellation);

        Assert.Equal(["b", "c", "\uFFFD", "\U0001F3F9", "", "Z", "a", "b"], claimed.Select(c => c.Run.FairnessKey));
    }

    [Fact]
    public async Task One_run_at_a_time_is_given_in_turn_too()
    {
        await WriteAsync([.. Enumerable.Range(0, 12).Select(i => A.Parked(Now.AddSeconds(i - 60)) with { FairnessKey = i < 8 ? "a" : i < 10 ? "b" : "c" })]);
        var given = new List<string>();
        while (await Store.ClaimDueAsync(
            Asks(1) with { LastServed = given.Count == 0 ? [] : new Dictionary<int, string> { [0] = given[^1] } }, Cancellation) is [var claimed])
        {
            given.Add(claimed.Run.FairnessKey);
        }

        Assert.Equal("abcabcaaaaaa", string.Concat(given));
    }

    [Fact]
    public async Task A_run_that_is_not_due_takes_nobodys_turn()
    {
        await WriteAsync(
            A.Parked(Now.AddSeconds(1)) with { FairnessKey = "a", Priority = 9 },
            A.Parked(Now.AddSeconds(1)) with { FairnessKey = "b" },
            A.Parked(Now) with { FairnessKey = "c" });

        Assert.Equal("c", Assert.Single(await Store.ClaimDueAsync(Asks(), Cancellation)).Run.FairnessKey);
        Assert.Equal(Now.AddSeconds(1), await Store.GetNextWakeAsync(Asks(), Cancellation));

        // Another host's clock is ahead: what it took for due this one does not.
        Assert.Equal("a", Assert.Single(await Store.ClaimDueAsync(Asks(1) with { Now = Now.AddSeconds(2) }, Cancellation)).Run.FairnessKey);
        Assert.Empty(await Store.ClaimDueAsync(Asks(), Cancellation));
        Assert.Equal(Now.AddSeconds(1), await Store.GetNextWakeAsync(Asks(), Cancellation));
        Assert.Equal("b", Assert.Single(await Store.ClaimDueAsync(Asks() with { Now = Now.AddSeconds(1) }, Cancellation)).Run.FairnessKey);
    }

    [Fact]
    public async Task A_host_takes_from_its_queues_only()
    {
        var usual = A.Parked(Now);
        var slow = A.Parked(Now.AddMinutes(-1)) with { Queue = "slow" };
        await WriteAsync(usual, slow);

        Assert.Null(await Store.GetNextWakeAsync(Asks() with { Queues = ["fast"] }, Cancellation));
        Assert.Empty(await Store.ClaimDueAsync(Asks() with { Queues = ["fast", "Slow"] }, Cancellation));
        Assert.Equal(usual.Id, Assert.Single(await Store.ClaimDueAsync(Asks() with { Queues = ["default", "fast"] }, Cancellation)).Run.Id);
        Assert.Equal(Now, await Store.GetNextWakeAsync(Asks(), Cancellation));
        Assert.Equal(slow.Id, Assert.Single(await Store.ClaimDueAsync(Asks(), Cancellation)).Run.Id);
    }

    [Fact]
    public async Task A_host_takes_a_run_only_when_it_has_all_its_labels()
    {
        var both = A.Parked(Now) with { Labels = ["gpu", "dmz"] };
        var one = A.Parked(Now) with { Labels = ["gpu"] };
        var plain = A.Parked(Now);
        await WriteAsync(both, one, plain);

        Assert.Equal(plain.Id, Assert.Single(await Store.ClaimDueAsync(Asks() with { Labels = ["dmz"] }, Cancellation)).Run.Id);
        Assert.Null(await Store.GetNextWakeAsync(Asks() with { Labels = ["dmz"] }, Cancellation));
        Assert.Equal(one.Id, Assert.Single(await Store.ClaimDueAsync(Asks() with { Labels = ["fast", "gpu"] }, Cancellation)).Run.Id);
        Assert.Equal(both.Id, Assert.Single(await Store.ClaimDueAsync(Asks() with { Labels = ["dmz", "fast", "gpu"] }, Cancellation)).Run.Id);
    }

    [Fact]
    public async Task No_more_runs_of_a_flow_are_given_than_there_is_room_for()
    {
        await WriteAsync([.. Enumerable.Range(0, 5).Select(i => A.Parked(Now.AddMinutes(-9), flow: "F") with { FairnessKey = $"{i % 2}", Priority = i % 2 })]);
        await WriteAsync([.. Enumerable.Range(0, 5).Select(_ => A.Parked(Now, flow: "G"))]);

        var claimed = await Store.ClaimDueAsync(Asks(5) with { Room = new Dictionary<string, int> { ["F"] = 2, ["H"] = 1 } }, Cancellation);
        Assert.Equal("FFGGG", string.Concat(claimed.Select(c => c.Run.Flow)));

        var full = Asks() with { Room = new Dictionary<string, int> { ["F"] = 0 } };
        Assert.Equal("GG", string.Concat((await Store.ClaimDueAsync(full, Cancellation)).Select(c => c.Run.Flow)));
        Assert.Null(await Store.GetNextWakeAsync(full, Cancellation));
        Assert.Equal(3, (await Store.ClaimDueAsync(Asks(), Cancellation)).Count);
    }

    [Fact]
    public async Task A_claim_leaves_what_decides_about_the_next_one()
    {
        var run = A.Parked(Now) with { Priority = 3, Queue = "slow", Labels = ["gpu"], FairnessKey = "ada" };
        await WriteAsync(run);
        var claimed = Assert.Single(await Store.ClaimDueAsync(Asks() with { Labels = ["gpu"] }, Cancellation)).Run;
        await AssertSameAsync((3, "slow", run.Labels, "ada"), (claimed.Priority, claimed.Queue, claimed.Labels, claimed.FairnessKey));

        await WriteAsync(claimed with { State = FlowRunState.Waiting, HostId = null, WakeAt = Now.AddMinutes(1) });

        Assert.Empty(await Store.ClaimDueAsync(Asks() with { Labels = ["gpu"] }, Cancellation));
        Assert.Equal(run.Id, Assert.Single(await Store.ClaimDueAsync(Asks() with { Labels = ["gpu"], Now = Now.AddMinutes(1) }, Cancellation)).Run.Id);
    }
}
