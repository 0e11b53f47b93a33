using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Flows;

namespace Fletcher.Torture.Conductor;

/// <summary>
/// Lets some hosts share many runs of <see cref="Invoices"/>: a large one that nothing happens to, and small ones. When a quarter has ended, a small one is killed; when three eighths have, one
/// joins in its place, and the second half of the runs is started; when five eighths have, the last small one is stopped, and goes on when seven have and
/// the others have taken its runs.
/// </summary>
internal sealed class Sharing(ITorturedStore tortured, string folder, int runs, int hosts)
{
    /// <summary>How many runs a small host executes at the same time; the large one twice as many.</summary>
    public const int Capacity = 40;

    private readonly SortedDictionary<int, TaskCompletionSource> _milestones = [];
    private int _ended;

    public string Effects => Path.Combine(folder, "effects.log");

    /// <summary>The process id of the host that is larger.</summary>
    public int Large { get; private set; }

    /// <summary>That of the one that is killed.</summary>
    public int Killed { get; private set; }

    /// <summary>That of the one that is stopped and goes on; with two hosts, of the one that joined late.</summary>
    public int Stopped { get; private set; }

    /// <summary>That of the one that joins late.</summary>
    public int Late { get; private set; }

    /// <summary>The lines that were there when the first one was killed: by then all hosts had shared from the beginning.</summary>
    public IReadOnlyList<Effect> BeforeKill { get; private set; } = [];

    /// <summary>Every run as it ended, and the lines of their steps.</summary>
    public async Task<(IReadOnlyList<SharedRun> Runs, IReadOnlyList<Effect> Effects)> RunAsync(CancellationToken cancellationToken)
    {
        await using var store = StorePlace.Open(tortured.Place, Durability.Full);
        await store.OpenAsync(cancellationToken);
        using var launcher = new Launcher();
        List<HostProcess> living = [];
        try
        {
            var client = new FletcherClient(store);
            for (var i = 0; i < hosts; i++)
                living.Add(await StartAsync(launcher, i == 0 ? 2 * Capacity : Capacity));
            Large = living[0].Id;
            var first = await BeginAsync(client, 0, runs / 2, cancellationToken);
            await WhenAsync(runs / 4, first);
            Killed = living[1].Id;
            await living[1].KillAsync();
            BeforeKill = EffectFile.Read(Effects);

            await WhenAsync(runs * 3 / 8, first);
            living.Add(await StartAsync(launcher, Capacity));
            Late = living[^1].Id;
            var all = Task.WhenAll(first, await BeginAsync(client, runs / 2, runs - (runs / 2), cancellationToken));

            await WhenAsync(runs * 5 / 8, all);
            var stopped = living[^(hosts == 2 ? 1 : 2)];
            Stopped = stopped.Id;
            await stopped.StopOutsideLocksAsync(tortured);
            await WhenAsync(runs * 7 / 8, all);
            await WhenTakenOverAsync(store, stopped, cancellationToken);
            stopped.Continue();

            var ended = await all;
            List<SharedRun> shared = [];
            foreach (var run in ended.SelectMany(static half => half)) // in the order in which they were started
                shared.Add(new SharedRun(shared.Count + 1, run, await ReadAsync(store, run, cancellationToken)));
            return (shared, EffectFile.Read(Effects));
        }
        finally
        {
            foreach (var host in living)
                await host.DisposeAsync();
        }
    }

    private async Task<HostProcess> StartAsync(Launcher launcher, int capacity)
    {
        var host = await HostProcess.StartAsync(
            launcher,
            [tortured.PlaceForHosts, Effects, nameof(Durability.Process), capacity.ToString(CultureInfo.InvariantCulture)],
            static (_, _) => { });
        await host.Ready;
        return host;
    }

    /// <summary>Starts runs for so many more customers; the task inside ends when all of them have.</summary>
    private async Task<Task<FlowRunRecord[]>> BeginAsync(FletcherClient client, int after, int count, CancellationToken cancellationToken)
    {
        var started = await Invoices.StartAsync(client, after, count);
        return Task.WhenAll(started.Select(run => EndAsync(client, run.Run, cancellationToken)));
    }

    private async Task<FlowRunRecord> EndAsync(FletcherClient client, RunId run, CancellationToken cancellationToken)
    {
        var ended = await client.WaitForEndAsync(run, cancellationToken);
        lock (_milestones)
        {
            if (_milestones.Remove(++_ended, out var milestone))
                milestone.SetResult();
        }

        return ended;
    }

    /// <summary>Returns when so many runs have ended.</summary>
    private async Task WhenAsync(int count, Task ends)
    {
        TaskCompletionSource milestone;
        lock (_milestones)
        {
            if (_ended >= count)
                return;
            _milestones[count] = milestone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        await await Task.WhenAny(milestone.Task, ends); // waiting for a run may fail
    }

    /// <summary>Returns when the others have taken all runs that a process had. Nobody tells those who are no host; they look.</summary>
    private static async Task WhenTakenOverAsync(IRunStore store, HostProcess process, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        foreach (var host in (await store.GetLivingHostsAsync(limit.Token)).Where(host => host.ProcessId == process.Id))
        {
            while ((await store.GetRunsOfHostAsync(host.Id, default, 1, limit.Token)).Count > 0)
                await Task.Delay(50, limit.Token);
        }
    }

    private static async Task<Bill?> ReadAsync(IRunStore store, FlowRunRecord run, CancellationToken cancellationToken) =>
        run.Result is { } result ? Stored.Read<Bill>((await store.ReadValueAsync(result, cancellationToken)).Span) : null;
}
