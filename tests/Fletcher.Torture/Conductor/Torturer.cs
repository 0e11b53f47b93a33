using Fletcher.Storage;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Oracle;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Conductor;

/// <summary>
/// Lets hosts in processes of their own run random flows on one store, and kills and stops them at random moments until it is
/// enough; then lets them end in peace, and gathers the evidence.
/// </summary>
internal sealed class Torturer(Settings settings, string folder, ITorturedStore tortured)
{
    private static readonly TimeSpan DiesAtStart = TimeSpan.FromMilliseconds(120);

    private readonly Workload _work = new(settings);
    private int _kills;
    private int _stops;
    private int _terminations;

    public string Effects => Path.Combine(folder, "effects.log");

    public int Kills => _kills;

    public int Stops => _stops;

    public int Terminations => _terminations;

    public async Task<Evidence> RunAsync(CancellationToken cancellationToken)
    {
        await using var store = StorePlace.Open(tortured.Place, Durability.Full);
        var snapshots = new Snapshots(store, Effects);
        using (var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            var outside = new Outside(store, _work).RunAsync(end.Token);
            var hosts = RunHostsAsync(snapshots, end.Token);
            await Task.WhenAny(outside, hosts); // the world outside ends first only when it failed
            await end.CancelAsync();
            await Task.WhenAll(outside, hosts).ContinueWith(done => done.IsFaulted ? done : Task.CompletedTask, TaskScheduler.Default).Unwrap();
        }

        var integrity = await tortured.CheckAsync();
        return new Evidence
        {
            Seeds = _work.Seeds,
            Effects = EffectFile.Read(Effects),
            Runs = await Stored.RunsAsync(store, cancellationToken),
            Committed = [.. snapshots.Committed],
            Answers = _work.Answers,
            Troubles = _work.Troubles,
            Integrity = integrity,
        };
    }

    private async Task RunHostsAsync(Snapshots snapshots, CancellationToken cancellationToken)
    {
        using var launcher = new Launcher();
        _work.Begin();
        var last = await Task.WhenAll(Enumerable.Range(0, settings.Hosts).Select(slot => KillAsync(launcher, snapshots, slot, cancellationToken)));
        try
        {
            _work.Close();
            await tortured.CalmAsync(); // from now on in peace
            if (!await _work.WaitAsync(cancellationToken))
                _work.Trouble($"no flow ended for {settings.Patience.TotalSeconds} s although nobody was killed any more");
        }
        finally
        {
            foreach (var host in last)
                await host.DisposeAsync();
        }
    }

    /// <summary>Starts a host and ends it, again and again; returns one that is left alive.</summary>
    private async Task<HostProcess> KillAsync(Launcher launcher, Snapshots snapshots, int slot, CancellationToken cancellationToken)
    {
        var dice = new Dice(Dice.Mix(settings.Seed, (ulong)slot));
        while (true)
        {
            var host = await HostProcess.StartAsync(launcher, [tortured.PlaceForHosts, Effects, settings.Durability.ToString()], _work.Hear);
            _ = WatchAsync(host);
            _work.Join(host);
            try
            {
                var life = Life.Roll(dice);
                if (IsEnough)
                    return host;
                await LiveAsync(host, life, cancellationToken);
                if (IsEnough)
                {
                    host.Continue();
                    return host;
                }

                await snapshots.TakeAsync(cancellationToken);
                await EndAsync(host, life);
            }
            catch
            {
                await host.DisposeAsync();
                throw;
            }

            _work.Leave(host);
            await host.DisposeAsync();
            await Task.Delay(dice.Below(150), cancellationToken);
        }
    }

    private bool IsEnough => Volatile.Read(ref _kills) >= settings.Kills;

    /// <summary>Lets it live as its life says.</summary>
    private async Task LiveAsync(HostProcess host, Life life, CancellationToken cancellationToken)
    {
        // A driver and a connection take longer than a file: hosts that die while they start are a part of it, but not most.
        if (settings.IsServer && life.Before > DiesAtStart)
            await host.Ready.WaitAsync(cancellationToken);
        await Task.Delay(life.Before, cancellationToken);
        if (life.Stopped is not { } stopped)
            return;
        Interlocked.Increment(ref _stops);
        host.Stop();
        await Task.Delay(stopped, cancellationToken);
        if (life.After is not { } after)
            return;
        host.Continue();
        await Task.Delay(after, cancellationToken);
    }

    private async Task EndAsync(HostProcess host, Life life)
    {
        if (life.Grace is { } grace)
        {
            if (await host.TerminateAsync(grace))
            {
                Interlocked.Increment(ref _terminations);
                return;
            }

            if (grace == Life.Patience)
                _work.Trouble($"process {host.Id} had not ended {grace.TotalSeconds} s after it was asked to (SIGTERM)");
        }

        Interlocked.Increment(ref _kills);
        await host.KillAsync();
    }

    private async Task WatchAsync(HostProcess host)
    {
        if (await host.WhyEndedAsync() is { } why)
            _work.Trouble(why);
    }
}
