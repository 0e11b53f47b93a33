using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>
/// Random calls of everything that has to do with limits, on the store and on one in memory side by side: each must answer the same and
/// leave the same. For the store in memory itself this says that it does not throw.
/// </summary>
public abstract partial class RunStoreConformance
{
    private static readonly string[] LimitNames = ["smtp", "crm", "Crm"];
    private static readonly string[] LaneKeys = ["", "a", "ä"];

    [Fact]
    public async Task The_limits_of_the_store_behave_as_those_in_memory()
    {
        await using var model = new MemoryStore(Clock);
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var runs = Enumerable.Range(0, 4).Select(_ => A.FlowRun("F") with { HostId = HostIds[1], Fence = 1 }).ToArray();
            var places = new List<LimitPlace>();
            foreach (var run in runs)
            {
                await model.WriteAsync(Batch(run), Cancellation);
                await WriteAsync(run);
            }

            for (var step = 0; step < 60; step++)
            {
                var (name, call) = NextLimitCall(random, runs, places);
                var expected = await OutcomeAsync(model, call);
                var actual = await OutcomeAsync(Store, call);
                Assert.True(expected == actual, $"seed {seed}, step {step}, {name}:\nexpected {expected}\nbut was {actual}");

                expected = await LimitStateAsync(model, runs, places);
                actual = await LimitStateAsync(Store, runs, places);
                Assert.True(expected == actual, $"seed {seed}, step {step}, after {name}:\nexpected {expected}\nbut was {actual}");
            }
        }
    }

    private (string Name, Func<IRunStore, Task<object?>> Call) NextLimitCall(Random random, FlowRunRecord[] runs, List<LimitPlace> places)
    {
        var run = runs[random.Next(runs.Length)] with { Fence = random.Next(1, 4) };
        var limit = LimitNames[random.Next(LimitNames.Length)];
        switch (random.Next(12))
        {
            case < 6:
                var enter = Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(8) == 0 && places.Count > 0
                    ? places[random.Next(places.Count)]
                    : Place(run, LimitNames[random.Next(LimitNames.Length)], LaneKeys[random.Next(LaneKeys.Length)], random.Next(3), random.Next(1, 5))).ToList();
                var leave = Enumerable.Range(0, random.Next(4)).Select(_ => new LimitLeave(
                    places.Count == 0 || random.Next(10) == 0 ? Guid.CreateVersion7() : places[random.Next(places.Count)].Id,
                    (LimitEnd)random.Next(3), random.Next(2) == 0 ? "Timeout" : null)).ToList();
                places.AddRange(enter);
                return ("exchange", async store => await store.Limits!.ExchangeAsync(leave, enter, Cancellation));
            case 6:
                Clock.Now += TimeSpan.FromMicroseconds(random.Next(10) == 0 ? -1_000_000 : random.Next(2_000_000));
                return ("time", async store => await store.Limits!.ExchangeAsync([], [], Cancellation));
            case 7:
                var settings = random.Next(4) == 0 ? null : NextSettings(random);
                return ($"set {limit} {settings}", async store => await store.Limits!.SetAsync(limit, settings, "ada", null, Cancellation));
            case 8:
                var declared = new Dictionary<string, LimitSettings> { [limit] = NextSettings(random), ["smtp"] = NextSettings(random) };
                return ("declare", async store =>
                {
                    await store.Limits!.DeclareAsync(declared, Cancellation);
                    return null;
                }
                );
            case 9:
                return ("claim", async store => await store.TryClaimAsync(run.Id, run.Fence, HostIds[2], Now, Cancellation));
            case 10:
                var record = NextRecord(random, [run]);
                return ("write", async store =>
                {
                    await store.WriteAsync(Batch(record), Cancellation);
                    return null;
                }
                );
            default:
                var back = run with { State = FlowRunState.Running, HostId = HostIds[1], Fence = random.Next(1, 4) };
                return ("replace", async store => await store.TryReplaceAsync(back, back.Fence - 1, [], Cancellation));
        }
    }

    private static LimitSettings NextSettings(Random random)
    {
        var settings = new LimitSettings
        {
            Slots = random.Next(3) == 0 ? null : random.Next(5),
            Rate = random.Next(2) == 0 ? null : new LimitRate(random.Next(1, 8), TimeSpan.FromMicroseconds(random.Next(1_000, 3_000_000)), random.Next(1, 5)),
            Breaker = random.Next(2) == 0 ? null : new LimitBreaker(random.Next(1, 3), TimeSpan.FromSeconds(random.Next(1, 5)), TimeSpan.FromSeconds(random.Next(1, 3))),
        };
        return settings.FindMistake() is null ? settings : new LimitSettings { Slots = 1 };
    }

    private static async Task<string> LimitStateAsync(IRunStore store, FlowRunRecord[] runs, List<LimitPlace> places)
    {
        var state = new List<object?>
        {
            await store.Limits!.GetLimitsAsync(Cancellation),
            await store.Limits.LookAsync([.. places.Select(place => place.Id)], Cancellation),
            await store.Limits.GetLanesAsync("crm", "nobody", null, 1, Cancellation),
        };
        foreach (var limit in LimitNames)
            state.Add(await store.Limits.GetLanesAsync(limit, null, null, 9, Cancellation));
        foreach (var run in runs)
            state.Add(await store.Limits.GetPlacesAsync(run.Id, Cancellation));
        return await RecordText.OfAsync(state, store, Cancellation);
    }
}
