using Fletcher.Storage;

namespace Fletcher.Engine.Tests;

/// <summary>A flow with a Once key, called or started by another flow.</summary>
public sealed class OnceInsideTests
{
    [Fact]
    public async Task A_sub_flow_that_is_done_once_answers_every_parent_and_runs_for_the_first_only()
    {
        await using var host = TestHost.InMemory();
        Work.Done.Clear();

        Assert.Equal("bill 5", await host.Run(() => Work.Nightly(1, 5)));
        Assert.Equal("bill 5", await host.Run(() => Work.Nightly(2, 5)));

        Assert.Equal([5], Work.Done);
        var runs = await host.Store.GetFlowRunsAsync(new FlowRunQuery(), TestContext.Current.CancellationToken);
        Assert.Equal(3, runs.Count);
        var second = runs.First(run => run.Flow.EndsWith("Nightly", StringComparison.Ordinal) && run.Parameters.AsSpan().IndexOf("\"night\":2"u8) >= 0);
        Assert.Equal(
            runs.Single(run => run.Flow.EndsWith("Bill", StringComparison.Ordinal)).Id,
            (await host.Steps(second.Id)).Single().ChildRunId);
    }

    [Fact]
    public async Task A_flow_that_is_done_once_is_started_once_and_every_handle_gets_its_result()
    {
        await using var host = TestHost.InMemory();
        Work.Done.Clear();

        Assert.Equal("bill 6", await host.Run(() => Work.Starting(1, 6)));
        Assert.Equal("bill 6", await host.Run(() => Work.Starting(2, 6)));

        Assert.Equal([6], Work.Done);
    }

    internal static class Work
    {
        internal static List<int> Done { get; } = [];

        [Flow]
        internal static async Task<string> Nightly(int night, int month) => await Bill(month);

        [Flow]
        internal static async Task<string> Starting(int night, int month)
        {
            var started = await Flow.Start(() => Bill(month));
            return await started.Completion;
        }

        [Flow(Once = "{month}")]
        internal static async Task<string> Bill(int month)
        {
            await Send(month);
            return $"bill {month}";
        }

        [Step]
        internal static async Task Send(int month)
        {
            await Task.Yield();
            lock (Done)
                Done.Add(month);
        }
    }
}
