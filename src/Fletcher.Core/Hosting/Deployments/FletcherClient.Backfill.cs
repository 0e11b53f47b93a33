using Fletcher.Model;
using Fletcher.Scheduling;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>Runs for firings that never had one.</summary>
public sealed partial class FletcherClient
{
    /// <summary>The most firings that one backfill looks at, so that what is kept of it stays small.</summary>
    private const int MostFilled = 10_000;

    private const int KeysAtOnce = 1_000;

    /// <summary>
    /// Starts runs for the firings of a range that have none, whatever left them out: no host, a pause, another run, or that there was no deployment yet. Hosts do it: when this returns it is kept
    /// what they are to start, and they go on with it through any crash. Each firing gets one run at the most, also if its schedule fires it meanwhile.
    /// </summary>
    /// <param name="name">The deployment; it needs a schedule.</param>
    /// <param name="from">A firing at exactly this instant is in the range.</param>
    /// <param name="to">A firing at exactly this instant is not. What is later than now is left to the schedule.</param>
    /// <param name="options">Order, how many at a time, dry run. Default: oldest first, one at a time.</param>
    /// <param name="cancellationToken">Gives up; whether it is kept then is not known.</param>
    /// <returns>What is, or would be, started.</returns>
    /// <exception cref="FletcherUsageException">
    /// There is no such deployment (FLT1713); or it has no schedule, an option is out of its range, the range has more than 10,000 firings, it has some of which it is not known any more whether they had a run, or another backfill of it goes on (FLT1714).
    /// </exception>
    public async Task<BackfillResult> BackfillAsync(
        string name, DateTimeOffset from, DateTimeOffset to, BackfillOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        options ??= new BackfillOptions();
        if (options.AtMost < 1)
            throw new FletcherUsageException("FLT1714", $"BackfillOptions.AtMost is {options.AtMost}; it must be 1 or more.");
        if (!Enum.IsDefined(options.Order))
            throw new FletcherUsageException("FLT1714", $"BackfillOptions.Order is {(int)options.Order}; it must be one of {string.Join(", ", Enum.GetNames<BackfillOrder>())}.");
        var store = await OpenDeploymentsAsync(cancellationToken).ConfigureAwait(false);
        BackfillResult? result = null;
        await ChangeAsync(
            name,
            async known =>
            {
                var record = known ?? throw await MissingAsync(name, cancellationToken).ConfigureAwait(false);
                var now = _time.GetUtcNow();
                result = await FindGapsAsync(store, record, from, now < to ? now : to, options, cancellationToken).ConfigureAwait(false);
                if (options.DryRun || result.Times.Count == 0)
                    return record;
                if (record.Backfill is { } other)
                {
                    throw new FletcherUsageException(
                        "FLT1714", $"A backfill of deployment '{name}' by {other.Actor} goes on: {other.Pending.Count:N0} firings wait, {other.Open.Count:N0} run. Wait for its end.");
                }

                var filling = record with { Backfill = new DeploymentBackfill(result.Times, options.AtMost, [], Actor) };
                return filling with { NextAt = filling.Paused is null ? now : null };
            },
            cancellationToken).ConfigureAwait(false);
        return result!;
    }

    private async ValueTask<BackfillResult> FindGapsAsync(
        IDeploymentStore store, DeploymentRecord record, DateTimeOffset from, DateTimeOffset to, BackfillOptions options, CancellationToken cancellationToken)
    {
        var settings = record.Effective;
        var schedule = settings.Schedule?.ToSchedule()
            ?? throw new FletcherUsageException("FLT1714", $"Deployment '{record.Name}' has no schedule, so no firing of it can be missing. Start runs with StartAsync.");
        var firings = schedule.Between(from, to).Take(MostFilled + 1).Select(firing => firing.Time).ToList();
        if (firings.Count > MostFilled)
        {
            throw new FletcherUsageException(
                "FLT1714", $"From {FiringDecision.Shown(from)} to {FiringDecision.Shown(to)} deployment '{record.Name}' has more than {MostFilled:N0} firings. Fill a shorter range: the first {MostFilled:N0} are before {FiringDecision.Shown(firings[^1])}.");
        }

        // Those that wait will have a run by themselves.
        HashSet<DateTimeOffset> present = [.. record.Waiting];
        foreach (var some in firings.Chunk(KeysAtOnce))
        {
            var keys = some.ToDictionary(time => KeyOf(record.Name, time), StringComparer.Ordinal);
            var started = await store.FindStartedAsync(settings.Flow, [.. keys.Keys], cancellationToken).ConfigureAwait(false);
            present.UnionWith(started.Keys.Select(key => keys[key]));
        }

        List<DateTimeOffset> gaps = [.. firings.Where(time => !present.Contains(time))];

        // Of those it is not known any more whether they had a run: doing it again may be worse than not doing it.
        if (gaps.Count > 0 && !options.IncludeForgotten && _store.Retention is { } retention
            && await retention.GetKeysForgottenAsync(settings.Flow, cancellationToken).ConfigureAwait(false) is { } forgotten && gaps.Exists(time => time <= forgotten))
        {
            throw new FletcherUsageException(
                "FLT1714", $"Firings of deployment '{record.Name}' up to {FiringDecision.Shown(forgotten)} may have had runs that are not kept any longer, nor their keys (retention): {gaps.Count(time => time <= forgotten):N0} of them would be started, perhaps again. Fill a range after that, or set BackfillOptions.IncludeForgotten if none of them was ever done.");
        }

        if (options.Order == BackfillOrder.NewestFirst)
            gaps.Reverse();
        return new BackfillResult(record.Name, gaps, firings.Count - gaps.Count, options.DryRun);
    }
}
