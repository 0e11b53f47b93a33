using System.Collections.Concurrent;
using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Trouble;

/// <summary>Hosts on one SQLite store, and what their flows did to the world outside of it.</summary>
internal sealed class Laboratory : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly ConcurrentDictionary<string, Laboratory> All = new();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fletcher-trouble-");
    private readonly List<FletcherHost> _hosts = [];
    private readonly Lock _gate = new();
    private int _tries;

    internal Laboratory(string? database = null)
    {
        Database = database ?? Path.Combine(_folder.FullName, "store.db");
        All[Id] = this;
    }

    /// <summary>What flows are given to find it.</summary>
    internal string Id { get; } = Guid.NewGuid().ToString("N");

    internal string Folder => _folder.FullName;

    internal string Database { get; }

    /// <summary>Done inside each effect, after it.</summary>
    internal Func<int, Task> Inside { get; set; } = _ => Task.CompletedTask;

    /// <summary>The numbers of the effects, in order; on a disk that nothing happens to.</summary>
    internal IReadOnlyList<int> Effects
    {
        get
        {
            lock (_gate)
                return File.Exists(EffectFile) ? [.. File.ReadAllLines(EffectFile).Select(line => int.Parse(line, CultureInfo.InvariantCulture))] : [];
        }
    }

    /// <summary>True once.</summary>
    internal bool IsFirstTry => Interlocked.Increment(ref _tries) == 1;

    private string EffectFile => Path.Combine(_folder.FullName, "effects");

    internal static Laboratory Of(string id) => All[id];

    internal FletcherHost Start(ShiftedClock? clock = null, Action<FletcherOptions>? configure = null) => StartAndCut(clock, configure).Host;

    internal (FletcherHost Host, CutStore Cut) StartAndCut(ShiftedClock? clock = null, Action<FletcherOptions>? configure = null)
    {
        clock ??= new ShiftedClock();
        var (store, cut) = CutStore.Around(Open(clock));
        var options = new FletcherOptions
        {
            Store = () => store,
            Time = clock,
            HostTimeout = TimeSpan.FromSeconds(1),
            ShutdownGrace = TimeSpan.Zero,
        };
        configure?.Invoke(options);
        var host = new FletcherHost(options);
        _hosts.Add(host);
        return (host, cut);
    }

    /// <summary>Starts a host that takes runs.</summary>
    internal async Task<(FletcherHost Host, CutStore Cut)> ServeAsync(ShiftedClock? clock = null, Action<FletcherOptions>? configure = null)
    {
        var (host, cut) = StartAndCut(clock, options =>
        {
            options.TakesRuns = true;
            configure?.Invoke(options);
        });
        await host.StartAsync(TestContext.Current.CancellationToken);
        return (host, cut);
    }

    internal async Task HaveEffectAsync(int number)
    {
        lock (_gate)
            File.AppendAllText(EffectFile, string.Create(CultureInfo.InvariantCulture, $"{number}\n"));
        await Inside(number);
    }

    /// <summary>The one run, as it is in the store; null when there is none.</summary>
    internal async Task<FlowRunRecord?> FindRunAsync()
    {
        await using var store = Open(null);
        await store.OpenAsync(TestContext.Current.CancellationToken);
        return (await store.GetFlowRunsAsync(new FlowRunQuery(), TestContext.Current.CancellationToken)).SingleOrDefault(run => run.ParentRunId is null);
    }

    internal async Task<List<StepRunRecord>> StepsAsync()
    {
        await using var store = Open(null);
        await store.OpenAsync(TestContext.Current.CancellationToken);
        var run = (await store.GetFlowRunsAsync(new FlowRunQuery(), TestContext.Current.CancellationToken)).Single();
        return await store.GetStepRunsAsync(run.Id, TestContext.Current.CancellationToken).ToListAsync();
    }

    /// <summary>Waits until the run in the store is so.</summary>
    internal Task<FlowRunRecord> RunIsAsync(Func<FlowRunRecord, bool> isSo) => UntilAsync(FindRunAsync, isSo);

    /// <summary>Waits for what tells nobody, and has to be looked at.</summary>
    internal static async Task<T> UntilAsync<T>(Func<Task<T?>> look, Func<T, bool> isSo)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            var seen = await look();
            if (seen is not null && isSo(seen))
                return seen;
            Assert.False(limit.IsCancellationRequested, $"It is not so after {Limit}: {seen}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Looks that no effect happened twice, and that each step knows what became of its own.</summary>
    internal async Task CheckEffectsAsync(int count)
    {
        var effects = Effects;
        Assert.Equal(effects.Distinct(), effects);
        var steps = (await StepsAsync()).Where(step => step.Step.Name.EndsWith(".Once", StringComparison.Ordinal)).ToList();
        Assert.Equal(count, steps.Count);
        foreach (var step in steps)
        {
            var number = int.Parse(step.Name!, CultureInfo.InvariantCulture);
            Assert.Contains(step.State, new[] { StepRunState.Completed, StepRunState.Unknown }.AsEnumerable());
            if (step.State == StepRunState.Completed)
                Assert.Contains(number, effects);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
            await ((Task)host.DisposeAsync().AsTask()).WaitAsync(Limit).ContinueWith(_ => { }, TaskScheduler.Default);
        All.TryRemove(Id, out _);
        _folder.Delete(true);
    }

    private SqliteStore Open(ShiftedClock? clock) => new(new SqliteStoreOptions
    {
        Path = Database,
        Durability = Durability.Process,
        TimeProvider = clock ?? TimeProvider.System,
        BusyTimeout = TimeSpan.FromSeconds(10),
    });
}
