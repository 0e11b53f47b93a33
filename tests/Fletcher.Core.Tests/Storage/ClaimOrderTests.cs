using System.Text;
using Fletcher.Model;

namespace Fletcher.Storage.Tests;

/// <summary>Whose turn it is among runs that wait.</summary>
public sealed class ClaimOrderTests
{
    private static readonly DateTimeOffset Now = new(2026, 10, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Texts_are_in_the_order_of_their_bytes_in_UTF8()
    {
        string[] texts = ["", "\0", "a", "a\0", "ab", "b", "é", "\uD7FF", "\uE000", "\uFFFD", "\U00010000", "\U0001F3F9", "\U0001F3F9a", "a\U0001F3F9", "a\uFFFD"];

        foreach (var x in texts)
        {
            foreach (var y in texts)
            {
                var bytes = Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y));
                Assert.Equal(Math.Sign(bytes), Math.Sign(CodePointOrder.Instance.Compare(x, y)));
            }
        }
    }

    /// <summary>However the claims are cut, nobody who has runs is passed over in a round, and each run comes once.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(100)]
    public async Task Each_key_has_its_turn_in_each_round(int limit)
    {
        var random = new Random(limit);
        for (var round = 0; round < 50; round++)
        {
            var store = new MemoryStore();
            var left = new Dictionary<string, int>();
            var batch = new WriteBatch();
            for (var i = 0; i < 60; i++)
            {
                var key = $"{random.Next(1 + random.Next(8))}";
                left[key] = left.GetValueOrDefault(key) + 1;
                batch.FlowRuns.Add(Run(i % 3 == 0 ? "F" : "G", key));
            }

            await store.WriteAsync(batch, TestContext.Current.CancellationToken);
            string? last = null;
            var since = left.Keys.ToDictionary(key => key, _ => 0);
            var claimed = 0;
            while (await store.ClaimDueAsync(Request(limit, last), TestContext.Current.CancellationToken) is { Count: > 0 } some)
            {
                foreach (var key in some.Select(run => run.Run.FairnessKey))
                {
                    claimed++;
                    last = key;
                    left[key]--;
                    since[key] = 0;
                    foreach (var other in left.Where(other => other.Value > 0 && other.Key != key))
                        Assert.True(++since[other.Key] < left.Count, $"round {round}: '{other.Key}' waits for its turn while '{key}' has it again");
                }
            }

            Assert.Equal(60, claimed);
        }
    }

    private static ClaimRequest Request(int limit, string? last) => new()
    {
        HostId = Guid.NewGuid(),
        Flows = ["F", "G"],
        LastServed = last is null ? [] : new Dictionary<int, string> { [0] = last },
        Now = Now,
        Limit = limit,
    };

    private static FlowRunRecord Run(string flow, string key)
    {
        var id = RunId.New(TimeProvider.System);
        return new FlowRunRecord
        {
            Id = id,
            Flow = flow,
            State = FlowRunState.Queued,
            Parameters = "{}"u8.ToArray(),
            ParametersHash = ContentHash.Of("{}"u8),
            RootRunId = id,
            WakeAt = Now,
            FairnessKey = key,
        };
    }
}
