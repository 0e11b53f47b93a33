using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>A crash while a flow waits to be executed again.</summary>
public sealed class FlowRetryCrashTests
{
    [Fact]
    public async Task A_crash_while_a_flow_waits_for_its_retry_changes_neither_the_time_nor_the_number_of_retries()
    {
        var clock = new TestClock();
        var store = new SurvivingStore();
        Work.Calls = 0;
        var first = new TestHost(store, clock);
        using var gone = new CancellationTokenSource();
        _ = first.Run(() => Work.Import(gone.Token));
        await clock.Armed(TimeSpan.FromMinutes(10));
        store.Kill();
        await gone.CancelAsync(); // what a dead process would do at the due time, it does not do
        clock.Advance(TimeSpan.FromMinutes(4));

        var reopened = store.Reopen();
        await using var second = new TestHost(reopened, clock);
        var run = second.Run(() => Work.Import(CancellationToken.None));
        await clock.Armed(TimeSpan.FromMinutes(6));
        Assert.Equal(1, Work.Calls);
        clock.Advance(TimeSpan.FromMinutes(6));
        await Assert.ThrowsAsync<IOException>(() => run).WithinLimit();

        // One retry was allowed: the crash gave none back.
        Assert.Equal(2, Work.Calls);
        var record = await second.OnlyRun();
        Assert.Equal((FlowRunState.Failed, 1, (DateTimeOffset?)null), (record.State, record.Failures, record.NextAttemptAt));
    }

    internal static class Work
    {
        internal static int Calls { get; set; }

        [Flow(Retries = 1, Backoff = "10m")]
        internal static async Task Import(CancellationToken cancellationToken)
        {
            await Task.Yield();
            Calls++;
            throw new IOException("not there");
        }
    }
}
