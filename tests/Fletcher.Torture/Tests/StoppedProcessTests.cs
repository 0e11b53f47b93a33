using System.Threading.Channels;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;
using Fletcher.Torture.Conductor;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Flows;
using Fletcher.Torture.Oracle;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Tests;

/// <summary>
/// A process that is stopped (SIGSTOP: a suspended laptop, a debugger) in the middle of a run, taken for dead, and goes on (SIGCONT) when another one
/// has ended the run. FLETCHER_TEST_LONG=1 leaves it stopped for 30 seconds.
/// </summary>
public sealed class StoppedProcessTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("fletcher-torture-").FullName;
    private readonly Launcher _launcher = new();

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(9)]
    public async Task A_process_that_was_stopped_never_overwrites_its_successor(int lines)
    {
        var seed = SeedOf(lines);
        await using var store = new SqliteStore(Path.Combine(_folder, "store.db"));
        await store.OpenAsync(TestContext.Current.CancellationToken);
        var firstSays = Channel.CreateUnbounded<string>();
        await using var first = await StartAsync((_, line) => firstSays.Writer.TryWrite(line));
        await ExpectAsync(firstSays, "ready");
        first.Tell($"start {seed}");
        await UntilAsync(() => Task.FromResult(EffectFile.Read(Effects).Count > lines));

        await first.StopOutsideLocksAsync(new TorturedFile(_folder));
        var stopped = TimeProvider.System.GetTimestamp();
        await using var second = await StartAsync((_, _) => { });
        await UntilAsync(async () => (await FindAsync(store))?.State == FlowRunState.Completed);
        var completed = await FindAsync(store);
        if (Environment.GetEnvironmentVariable("FLETCHER_TEST_LONG") == "1")
            await UntilAsync(() => Task.FromResult(TimeProvider.System.GetElapsedTime(stopped) > TimeSpan.FromSeconds(30)));
        first.Continue();
        await ExpectAsync(firstSays, $"lost {seed}");
        Assert.True(await first.TerminateAsync(Limit));

        Assert.Equivalent(completed, await FindAsync(store));
        var violations = Judge.Check(new Evidence
        {
            Seeds = [seed],
            Effects = EffectFile.Read(Effects),
            Runs = await Stored.RunsAsync(store, TestContext.Current.CancellationToken),
        });
        Assert.True(violations.Count == 0, string.Join("\n", violations));
        Assert.Equal(2, EffectFile.Read(Effects).Select(effect => effect.Process).Distinct().Count());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(9)]
    public async Task A_process_that_was_stopped_and_has_lost_its_run_ends_when_it_is_asked_to(int lines)
    {
        var seed = SeedOf(lines);
        await using var store = new SqliteStore(Path.Combine(_folder, "store.db"));
        await store.OpenAsync(TestContext.Current.CancellationToken);
        var firstSays = Channel.CreateUnbounded<string>();
        await using var first = await StartAsync((_, line) => firstSays.Writer.TryWrite(line));
        await ExpectAsync(firstSays, "ready");
        first.Tell($"start {seed}");
        await UntilAsync(() => Task.FromResult(EffectFile.Read(Effects).Count > lines));

        await first.StopOutsideLocksAsync(new TorturedFile(_folder));
        await using var second = await StartAsync((_, _) => { });
        await UntilAsync(async () => (await FindAsync(store))?.Fence > 1);
        first.Continue();

        Assert.True(await first.TerminateAsync(Limit));
        await UntilAsync(async () => (await FindAsync(store))?.State == FlowRunState.Completed);
    }

    public void Dispose()
    {
        _launcher.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Effects => Path.Combine(_folder, "effects.log");

    /// <summary>A flow that is not over after so many lines, and needs nobody from outside.</summary>
    private static ulong SeedOf(int lines)
    {
        for (var seed = 1ul; ; seed++)
        {
            var plan = Plan.Of(seed);
            if (plan.Root.Children.Count(node => node.HasEffect) > 4 && !plan.Nodes.Any(node => node.IsWait) && plan.Nodes.Count(node => node.HasEffect) > lines)
                return seed;
        }
    }

    private static async Task<FlowRunRecord?> FindAsync(SqliteStore store) =>
        (await store.GetFlowRunsAsync(new FlowRunQuery { Flow = RandomFlow.Id }, TestContext.Current.CancellationToken)).SingleOrDefault();

    private Task<HostProcess> StartAsync(Action<HostProcess, string> said) =>
        HostProcess.StartAsync(_launcher, [Path.Combine(_folder, "store.db"), Effects, nameof(Durability.Process)], said);

    private static async Task ExpectAsync(Channel<string> said, string line)
    {
        using var limit = new CancellationTokenSource(Limit);
        Assert.Equal(line, await said.Reader.ReadAsync(limit.Token));
    }

    /// <summary>Other processes tell nobody; their files are looked at until they say it.</summary>
    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!await isSo())
            await Task.Delay(10, limit.Token);
    }
}
