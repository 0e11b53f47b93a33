namespace Fletcher.Engine.Tests;

/// <summary>A run's lock is taken before the writer's, never the other way round: the pulse marks long steps in that order.</summary>
public sealed class LockOrderTests
{
    private static readonly AsyncLocal<TaskCompletionSource> Begun = new();

    [Fact]
    public async Task A_family_is_left_while_the_pulse_marks_its_steps()
    {
        var clock = new MeetingClock();
        var host = new TestHost(new SurvivingStore(clock), clock);
        var begun = Begun.Value = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = host.Host.RunAsync(() => Work.Outer());
        await begun.Task.WithinLimit();
        var root = host.Host.Executions.Single(execution => execution.Root == execution);
        var inside = host.Host.Executions.Single(execution => execution.Root != execution);

        // Not the real pulse, nor a step that ends then: they ask for the time with the run's lock in their hands, and nobody would come to meet them.
        clock.Meet(() => root.IsFrozen && Environment.StackTrace.Contains("WriteDepartureAsync", StringComparison.Ordinal), inside.MarkRunning);

        await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit("the stop");

        Assert.True(clock.HasMet);
        await Assert.ThrowsAsync<RunHandedOverException>(() => run.WithinLimit());
        await host.DisposeAsync(); // not when it failed: a host that hangs is not disposed of
    }

    internal static class Work
    {
        [Flow]
        internal static async Task Outer() => await Inner();

        [Flow]
        internal static async Task Inner() => await Long();

        [Step]
        private static async Task Long(CancellationToken cancellationToken = default)
        {
            Begun.Value!.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }

    /// <summary>
    /// A clock that has two threads meet: when one that leaves the run asks for the time, it begins the marking on another thread, which asks for the
    /// time with the run's lock in its hands, and keeps it until the first one waits for a lock.
    /// </summary>
    private sealed class MeetingClock : TimeProvider
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
        private static readonly DateTimeOffset Start = new(2026, 10, 1, 12, 0, 0, TimeSpan.Zero);

        private readonly ManualResetEventSlim _isHeld = new();
        private Func<bool>? _isTime;
        private Action? _mark;
        private Thread? _leaver;
        private Thread? _marker;
        private volatile bool _goesOn;

        internal bool HasMet { get; private set; }

        internal void Meet(Func<bool> isTime, Action mark) => (_mark, _isTime) = (mark, isTime);

        public override DateTimeOffset GetUtcNow()
        {
            if (Thread.CurrentThread == Volatile.Read(ref _marker))
            {
                _isHeld.Set();
                HasMet |= SpinWait.SpinUntil(() => _goesOn && _leaver!.ThreadState.HasFlag(ThreadState.WaitSleepJoin), Limit);
                return Start.AddSeconds(1); // the step has run long enough to be marked
            }

            if (_isTime?.Invoke() == true && Interlocked.CompareExchange(ref _leaver, Thread.CurrentThread, null) is null)
            {
                var marker = new Thread(() => _mark!()) { IsBackground = true };
                Volatile.Write(ref _marker, marker);
                marker.Start();
                _isHeld.Wait(Limit);
                _goesOn = true;
            }

            return Start;
        }
    }
}
