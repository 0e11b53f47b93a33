using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine.Tests;

/// <summary>One commit at a time, in order, and nothing is lost.</summary>
public sealed class GroupCommitWriterTests
{
    private readonly Lease _lease = new(RunId.New(TimeProvider.System), 1);

    private static readonly RunId Run = RunId.New(TimeProvider.System);

    [Fact]
    public async Task Who_waits_for_a_later_batch_goes_on_waiting_when_an_earlier_one_is_written()
    {
        var store = new Gate();
        var writer = new GroupCommitWriter(store, _ => { });

        var first = writer.CommitAsync(writer.Add(Line(1), _lease)).AsTask();
        var inFirst = await store.Entered.WithinLimit();
        var second = writer.CommitAsync(writer.Add(Line(2), _lease)).AsTask();
        var third = writer.CommitAsync(writer.Add(Line(3), _lease)).AsTask();
        store.Open(inFirst);
        await first.WithinLimit();
        Assert.False(second.IsCompleted);
        store.OpenAll();
        await Task.WhenAll(second, third).WithinLimit();

        Assert.Equal(["1", "2", "3"], store.Lines);
        await writer.DisposeAsync();
    }

    [Fact]
    public async Task When_the_store_fails_everybody_is_told_and_nothing_is_lost_when_it_is_back()
    {
        var store = new Gate();
        store.OpenAll();
        var writer = new GroupCommitWriter(store, _ => { });
        store.Error = new StoreUnavailableException("FLT1101", "the disk is full");

        for (var i = 1; i <= 5; i++)
        {
            var error = await Assert.ThrowsAsync<StoreUnavailableException>(
                () => writer.CommitAsync(writer.Add(Line(i), _lease)).AsTask().WithinLimit());
            Assert.Contains("the disk is full", error.Message, StringComparison.Ordinal);
        }

        store.Error = null;
        await writer.CommitAsync(writer.Add(Line(6), _lease)).AsTask().WithinLimit();

        Assert.Equal(["1", "2", "3", "4", "5", "6"], store.Lines);
        await writer.DisposeAsync();
    }

    [Fact]
    public async Task Records_that_nobody_waits_for_are_written_too()
    {
        var store = new Gate();
        store.OpenAll();
        await using var writer = new GroupCommitWriter(store, _ => { });

        var last = writer.Add(Line(1), _lease);
        async Task PollAsync()
        {
            while (writer.Committed < last)
                await Task.Yield();
        }

        await PollAsync().WithinLimit();

        Assert.Equal(["1"], store.Lines);
    }

    [Fact]
    public async Task What_was_added_under_an_older_lease_of_a_run_is_not_written_under_a_newer_one()
    {
        var store = new Gate();
        var writer = new GroupCommitWriter(store, _ => { });
        var older = new Lease(Run, 1);
        var newer = new Lease(Run, 2);

        // While a batch is being written, these gather in the next one.
        var before = writer.CommitAsync(writer.Add(Line("before"), older)).AsTask();
        var inBefore = await store.Entered.WithinLimit();
        writer.Add(Line("older"), older);
        writer.Add(Line("newer"), newer);
        writer.Add(Line("older again"), older);
        store.OpenAll();
        store.Open(inBefore);
        await Task.WhenAll(before, writer.FlushAsync().AsTask()).WithinLimit();

        Assert.Equal(["before", "newer"], store.Lines);
        Assert.True(older.IsLost);
        Assert.False(newer.IsLost);
        await writer.DisposeAsync();
    }

    [Fact]
    public async Task Who_waits_for_what_was_dropped_is_let_go()
    {
        var store = new Gate();
        var writer = new GroupCommitWriter(store, _ => { });
        var first = writer.CommitAsync(writer.Add(Line(1), _lease)).AsTask();
        var inFirst = await store.Entered.WithinLimit();
        var second = writer.CommitAsync(writer.Add(Line(2), _lease)).AsTask();

        _lease.Lose();
        writer.Drop(_lease.Key);
        store.Open(inFirst);

        await Task.WhenAll(first, second).WithinLimit();
        Assert.Equal(["1"], store.Lines);
        await writer.DisposeAsync();
    }

    [Fact]
    public async Task Its_end_writes_what_was_added()
    {
        var store = new Gate();
        store.OpenAll();
        var writer = new GroupCommitWriter(store, _ => { });
        for (var i = 0; i < 5000; i++)
            writer.Add(Line(i), _lease);

        await writer.DisposeAsync();

        Assert.Equal(5000, store.Lines.Count);
    }

    [Fact]
    public async Task Code_that_was_left_behind_may_still_add_after_its_end()
    {
        var store = new Gate();
        store.OpenAll();
        var writer = new GroupCommitWriter(store, _ => { });
        await writer.DisposeAsync();

        for (var i = 0; i < 3000; i++)
            writer.Add(Line(i), _lease);
    }

    [Fact]
    public async Task Producers_wait_when_too_much_is_in_line()
    {
        var store = new Gate();
        var writer = new GroupCommitWriter(store, _ => { });
        var last = 0L;
        var added = 0;
        while (writer.WaitForRoomAsync(last).AsTask().IsCompletedSuccessfully)
        {
            last = writer.Add(Line(++added), _lease);
            Assert.True(added < 20_000, "nothing makes the producer wait");
        }

        store.OpenAll();
        await writer.WaitForRoomAsync(last).AsTask().WithinLimit();
        await writer.DisposeAsync();
        Assert.Equal(added, store.Lines.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_is_added_by_many_is_written_once_in_order_and_before_its_waiter_goes_on(int seed)
    {
        var store = new Gate { FailEvery = 7 };
        store.OpenAll();
        var writer = new GroupCommitWriter(store, _ => { });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(adder => Task.Run(async () =>
        {
            var random = new Random((seed * 100) + adder);
            for (var i = 0; i < 300; i++)
            {
                var text = $"{adder}:{i}";
                var ticket = writer.Add(Line(text), _lease);
                if (random.Next(3) > 0)
                    continue;
                try
                {
                    await writer.CommitAsync(ticket);
                    Assert.Contains(text, store.Lines);
                }
                catch (StoreUnavailableException)
                {
                    // told; it stays in line
                }
            }
        }))).WithinLimit($"seed {seed}");
        store.FailEvery = 0;
        await writer.DisposeAsync();

        Assert.Equal(8 * 300, store.Lines.Count);
        foreach (var adder in store.Lines.GroupBy(l => l.Split(':')[0]))
            Assert.Equal(Enumerable.Range(0, 300), adder.Select(l => int.Parse(l.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(1, store.MostAtOnce);
    }

    private static LogLine Line(int n) => Line($"{n}");

    private static LogLine Line(string text) => new()
    {
        RunId = Run,
        At = DateTimeOffset.UnixEpoch,
        Level = Microsoft.Extensions.Logging.LogLevel.Information,
        Category = "test",
        Message = text,
    };

    /// <summary>A store whose writes a test holds, fails and counts.</summary>
    private sealed class Gate : NullStore
    {
        private readonly Lock _gate = new();
        private readonly List<string> _lines = [];
        private readonly System.Threading.Channels.Channel<TaskCompletionSource> _entered =
            System.Threading.Channels.Channel.CreateUnbounded<TaskCompletionSource>();

        private bool _open;
        private int _inside;
        private int _writes;

        internal Task<TaskCompletionSource> Entered => _entered.Reader.ReadAsync().AsTask();

        internal Exception? Error { get; set; }

        internal int FailEvery { get; set; }

        internal int MostAtOnce { get; private set; }

        internal List<string> Lines
        {
            get
            {
                lock (_gate)
                    return [.. _lines];
            }
        }

        internal void Open(TaskCompletionSource one) => one.SetResult();

        internal void OpenAll()
        {
            lock (_gate)
                _open = true;
            while (_entered.Reader.TryRead(out var waiting))
                waiting.TrySetResult();
        }

        public override async ValueTask WriteAsync(WriteBatch batch, CancellationToken cancellationToken)
        {
            TaskCompletionSource? wait = null;
            lock (_gate)
            {
                MostAtOnce = Math.Max(MostAtOnce, ++_inside);
                if (!_open)
                {
                    wait = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    _entered.Writer.TryWrite(wait);
                }
            }

            if (wait is not null)
                await wait.Task;
            else
                await Task.Yield();
            lock (_gate)
            {
                _inside--;
                if (Error is not null)
                    throw Error;
                if (FailEvery > 0 && ++_writes % FailEvery == 0)
                    throw new StoreUnavailableException("FLT1101", "now and then");
                _lines.AddRange(batch.Logs.Select(l => l.Message));
            }
        }
    }
}
