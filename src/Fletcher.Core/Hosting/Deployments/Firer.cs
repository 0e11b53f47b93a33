using Fletcher.Model;
using Fletcher.Scheduling;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>Decides about deployments that were read, and writes what was decided, with the runs.</summary>
internal sealed class Firer(FletcherHost host, IDeploymentStore store)
{
    private readonly FletcherClient _schedule = host.Client.As("schedule");

    /// <summary>Fires deployments together, or one by one when somebody else was faster with one of them.</summary>
    /// <returns>The records as they were written.</returns>
    internal async ValueTask<IReadOnlyList<DeploymentRecord>> FireAsync(IReadOnlyList<DeploymentRecord> records, CancellationToken cancellationToken)
    {
        HashSet<RunId> asked = [.. records.SelectMany(FiringDecision.Asked)];
        var over = asked.Count == 0 ? [] : (await host.Store.FindOverAsync(asked, cancellationToken).ConfigureAwait(false)).ToHashSet();
        List<DeploymentRecord> written = [];
        List<RunStart> starts = [];
        foreach (var record in records)
            written.Add(await DecideAsync(record, over, starts, cancellationToken).ConfigureAwait(false));
        if (await store.TryWriteAsync([.. written.Select(DeploymentWrite.Of)], starts, cancellationToken).ConfigureAwait(false) is not null)
            return written;
        if (records.Count == 1)
            return [];

        written.Clear();
        foreach (var record in records)
            written.AddRange(await FireAsync([record], cancellationToken).ConfigureAwait(false));
        return written;
    }

    /// <summary>The record as it is to be; its runs are added to <paramref name="starts"/>.</summary>
    private async ValueTask<DeploymentRecord> DecideAsync(
        DeploymentRecord record, HashSet<RunId> over, List<RunStart> starts, CancellationToken cancellationToken)
    {
        var now = host.Now;
        Schedule? schedule;
        try
        {
            schedule = record.Effective.Schedule?.ToSchedule();
        }
        catch (ScheduleFormatException e)
        {
            // A host of a newer version may be able to: nothing is decided.
            return record with { Note = new DeploymentNote(now, e.Message, now, true), NextAt = now + FiringDecision.LookAgain };
        }

        var decision = FiringDecision.Decide(record, schedule, now, over);
        if (decision.Starts.Count + decision.Fills.Count == 0)
            return decision.Record(schedule, [], []);
        IReadOnlyList<RunStart> fired;
        IReadOnlyList<RunStart> filled;
        try
        {
            fired = await _schedule.PrepareAsync(record, decision.Starts, schedule, cancellationToken).ConfigureAwait(false);
            filled = decision.Fills.Count == 0 ? [] : await _schedule.As(record.Backfill!.Actor).PrepareAsync(record, decision.Fills, schedule, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (StoreUnavailableException or OperationCanceledException))
        {
            // Its parameters do not fit any more, say. It must not keep the others from starting.
            return decision.Failed(schedule, e.Message);
        }

        await CancelAsync(record, decision.Cancels, cancellationToken).ConfigureAwait(false);
        starts.AddRange(fired);
        starts.AddRange(filled);
        return decision.Record(schedule, [.. fired.Select(start => start.Run.Id)], [.. filled.Select(start => start.Run.Id)]);
    }

    // Before the write: a host that dies behind this has asked for what the next one asks for too.
    private async ValueTask CancelAsync(DeploymentRecord record, IReadOnlyList<RunId> runs, CancellationToken cancellationToken)
    {
        foreach (var run in runs)
        {
            try
            {
                await _schedule.CancelAsync(run, $"the next firing of deployment '{record.Name}' is due, and overlap is CancelRunning", cancellationToken).ConfigureAwait(false);
            }
            catch (FletcherUsageException)
            {
                // It has ended meanwhile.
            }
        }
    }
}
