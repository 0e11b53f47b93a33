using Fletcher.Model;

namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>What a store with limits holds.</summary>
public sealed partial class MigrationTests
{
    /// <summary>The version of the schema that brought limits.</summary>
    private const int LimitsVersion = 5;

    private static readonly RunId Limited = RunId.Parse("01jqzv3m2j7k5a8w9xr4tbn6ch", null);

    private static LimitSettings Declared => new() { Slots = 3 };

    private static LimitSettings Set => new()
    {
        Slots = 1,
        Rate = new LimitRate(1, TimeSpan.FromDays(30), 4),
        Breaker = new LimitBreaker(2, TimeSpan.FromDays(30), TimeSpan.FromDays(31)),
    };

    private static LimitPlace PlaceOf(int number, string key) => new()
    {
        Id = new Guid($"0199a1b2-c3d4-7e5f-8a6b-{number:d12}"),
        Limit = "smtp",
        Key = key,
        Weight = number,
        RootRunId = Limited,
        Fence = 3,
        RunId = Limited,
        Sequence = number,
        Flow = "Billing.InvoiceMonth",
        Step = number == 2 ? null : "Billing.Send",
    };

    private static async Task WriteSampleOfLimitsAsync(SqliteStore store)
    {
        await WriteAsync(store, new FlowRunRecord
        {
            Id = Limited,
            Flow = "Billing.InvoiceMonth",
            State = FlowRunState.Running,
            Parameters = "{}"u8.ToArray(),
            ParametersHash = ContentHash.Of("{}"u8),
            RootRunId = Limited,
            CreatedAt = At,
            StartedAt = At,
            HostId = HostId,
            Fence = 3,
        });
        await store.Limits.DeclareAsync(new Dictionary<string, LimitSettings> { ["smtp"] = Declared }, Cancellation);
        await store.Limits.SetAsync("smtp", Set, "ada", "it's new", Cancellation);
        await store.Limits.ExchangeAsync([], [PlaceOf(1, "é"), PlaceOf(2, "é"), PlaceOf(3, ""), PlaceOf(4, "")], Cancellation);
        await store.Limits.ExchangeAsync([new LimitLeave(PlaceOf(3, "").Id, LimitEnd.Failed, "it's down")], [], Cancellation);
    }

    private static async Task AssertSampleOfLimitsAsync(SqliteStore store)
    {
        var limit = Assert.Single(await store.Limits.GetLimitsAsync(Cancellation));
        Assert.Equal(("smtp", Set, Declared), (limit.Name, limit.Settings, limit.Declared!.Settings));
        Assert.Equal(("ada", "it's new", "code"), (limit.Set!.Actor, limit.Set.Reason, limit.Declared.Actor));

        var lanes = await store.Limits.GetLanesAsync("smtp", null, null, 9, Cancellation);
        Assert.Equal([("", 0, 1), ("é", 1, 1)], lanes.Select(lane => (lane.Key, lane.HolderCount, lane.WaiterCount)));
        Assert.Equal(PlaceOf(4, "") with { Weight = 4 }, Assert.Single(lanes[0].Waiters) with { AskedAt = default });
        var holder = Assert.Single(lanes[1].Holders);
        Assert.Equal((PlaceOf(1, "é").Id, 1), (holder.Id, holder.Taken));
        Assert.Equal(PlaceOf(2, "é"), Assert.Single(lanes[1].Waiters) with { AskedAt = default });

        // One more failure of the same kind opens the breaker; the waiter starts when the first is over.
        await store.Limits.SetAsync("smtp", Set with { Rate = null }, "ada", null, Cancellation);
        await store.Limits.ExchangeAsync(
            [new LimitLeave(PlaceOf(4, "").Id, LimitEnd.Failed, "it's down"), new LimitLeave(PlaceOf(1, "é").Id)], [], Cancellation);
        Assert.NotNull(Assert.Single(await store.Limits.GetLanesAsync("smtp", "", null, 1, Cancellation)).OpenUntil);
        Assert.Equal(LimitPlaceState.Granted, Assert.Single((await store.Limits.LookAsync([PlaceOf(2, "é").Id], Cancellation)).Changed).State);
    }
}
