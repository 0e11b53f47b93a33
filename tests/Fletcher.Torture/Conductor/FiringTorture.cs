using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Scheduling;
using Fletcher.Storage;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Flows;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Conductor;

/// <summary>
/// Lets hosts fire deployments together, two of them with clocks that are two minutes ahead of the third's, and kills them at random moments, while backfills go on; then lets them end in
/// peace, and gathers what was fired.
/// </summary>
internal sealed class FiringTorture(Settings settings, string folder, ITorturedStore tortured)
{
    /// <summary>By how many seconds the clock of each host is ahead. Those that are ahead compete; to the other one, everything was done long ago.</summary>
    private static readonly int[] Clocks = [120, 120, 0];

    private static readonly TimeSpan Filled = TimeSpan.FromMinutes(3);

    private int _kills;

    public string Effects => Path.Combine(folder, "effects.log");

    public int Kills => _kills;

    public async Task<(IReadOnlyList<FiredDeployment> Deployments, IReadOnlyList<FiredRun> Runs, IReadOnlyList<Effect> Effects)> RunAsync(CancellationToken cancellationToken)
    {
        await using var store = StorePlace.Open(tortured.Place, Durability.Full);
        await store.OpenAsync(cancellationToken);
        var client = new FletcherClient(store).As("conductor");
        using var launcher = new Launcher();
        List<HostProcess> last = [];
        try
        {
            // What a flow's parameters are, its first host says.
            last.Add(await StartAsync(launcher, Clocks[^1]));
            await last[0].Ready.WaitAsync(cancellationToken);
            var begin = TimeProvider.System.GetUtcNow();
            var deployments = await DeployAsync(client, cancellationToken);
            foreach (var deployment in deployments.Where(deployment => deployment.Overlap == OverlapPolicy.Allow))
                await client.BackfillAsync(deployment.Name, begin - Filled, begin, new BackfillOptions { AtMost = 3 }, cancellationToken);
            await last[0].DisposeAsync();
            last.Clear();

            last.AddRange(await Task.WhenAll(Clocks.Select((clock, slot) => KillAsync(launcher, slot, clock, cancellationToken))));
            await tortured.CalmAsync();
            List<FiredDeployment> fired = [];
            foreach (var deployment in deployments)
                fired.Add(deployment with { Expected = await EndAsync(client, deployment, begin, cancellationToken) });
            return (fired, await ReadAsync(store, client, cancellationToken), EffectFile.Read(Effects));
        }
        finally
        {
            foreach (var host in last)
                await host.DisposeAsync();
        }
    }

    private static async Task<List<FiredDeployment>> DeployAsync(FletcherClient client, CancellationToken cancellationToken)
    {
        List<FiredDeployment> deployments = [];
        foreach (var (overlap, text, count) in new[] { (OverlapPolicy.Allow, "* * * * * *", 4), (OverlapPolicy.Queue, "every 2s", 3), (OverlapPolicy.Skip, "*/3 * * * * *", 3) })
        {
            for (var i = 0; i < count; i++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{overlap}-{i}");
                await Firings.DeployAsync(client, new DeploymentOptions { Name = name, Schedule = Schedule.Parse(text), CatchUp = CatchUpPolicy.All, Overlap = overlap });
                cancellationToken.ThrowIfCancellationRequested();
                deployments.Add(new FiredDeployment(name, overlap, []));
            }
        }

        return deployments;
    }

    /// <summary>Starts a host and kills it, again and again; returns one that is left alive.</summary>
    private async Task<HostProcess> KillAsync(Launcher launcher, int slot, int clock, CancellationToken cancellationToken)
    {
        var dice = new Dice(Dice.Mix(settings.Seed, (ulong)slot));
        while (true)
        {
            var host = await StartAsync(launcher, clock);
            var life = Life.Roll(dice);
            if (Volatile.Read(ref _kills) >= settings.Kills)
                return host;

            // A process takes its time to start, longer than many of these lives; most are to be killed while they fire.
            if (!dice.Percent(10))
                await host.Ready.WaitAsync(cancellationToken);
            await Task.Delay(life.Before, cancellationToken);
            await host.KillAsync();
            await host.DisposeAsync();
            Interlocked.Increment(ref _kills);
        }
    }

    private Task<HostProcess> StartAsync(Launcher launcher, int clock) => HostProcess.StartAsync(
        launcher,
        [tortured.PlaceForHosts, Effects, nameof(Durability.Process), "50", clock.ToString(CultureInfo.InvariantCulture)],
        static (_, _) => { });

    /// <summary>Waits until its backfill has ended, and until what was missed while hosts were killed is fired; then pauses it.</summary>
    /// <returns>The firings that must have a run.</returns>
    private static async Task<IReadOnlyList<DateTimeOffset>> EndAsync(
        FletcherClient client, FiredDeployment deployment, DateTimeOffset begin, CancellationToken cancellationToken)
    {
        // Nobody tells those who are no host; they look.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        var caughtUp = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(Clocks.Max());
        while ((await client.GetDeploymentAsync(deployment.Name, limit.Token))!.Record is not { Backfill: null, Waiting.Count: < 3 } record || record.HandledAt < caughtUp - TimeSpan.FromSeconds(5))
            await Task.Delay(50, limit.Token);
        await client.PauseDeploymentAsync(deployment.Name, "it is enough", cancellationToken);
        var paused = (await client.GetDeploymentAsync(deployment.Name, cancellationToken))!.Record;
        var since = deployment.Overlap == OverlapPolicy.Allow ? begin - Filled : paused.Declared.At;
        var schedule = paused.Effective.Schedule!.ToSchedule();
        return [.. schedule.Between(since, paused.HandledAt + TimeSpan.FromTicks(1)).Select(firing => firing.Time).Except(paused.Waiting)
            .Where(time => time < begin || time > paused.Declared.At)];
    }

    private static async Task<List<FiredRun>> ReadAsync(IRunStore store, FletcherClient client, CancellationToken cancellationToken)
    {
        List<FiredRun> fired = [];
        var query = new FlowRunQuery { Limit = 1_000 };
        while (await store.GetFlowRunsAsync(query, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var run in await Task.WhenAll(page.Select(run => client.WaitForEndAsync(run.Id, cancellationToken))))
                fired.Add(new FiredRun(run, run.Result is { } result ? Stored.Read<string>((await store.ReadValueAsync(result, cancellationToken)).Span) : null));
            query = query with { Before = page[^1].Id };
        }

        return fired;
    }
}
