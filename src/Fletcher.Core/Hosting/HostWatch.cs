using System.Collections.Concurrent;
using System.Globalization;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// Knows which other hosts live. On this machine the operating system knows whether a process is gone; a process that is there but
/// stalled, and a host elsewhere, are dead when their beat has not grown for the host time-out. That time is counted on this process's own
/// clock, look by look, so neither clocks that differ or jump nor a pause of this process itself count as another one's silence.
/// </summary>
internal sealed class HostWatch(FletcherHost host)
{
    /// <summary>No more of the time between two looks counts as seen: nobody looked in between.</summary>
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, Sighting> _sightings = new();

    /// <summary>Looks at every host that has runs, and takes their runs from those that are dead.</summary>
    internal async ValueTask BeatAsync()
    {
        foreach (var owner in await host.Store.GetOwnersAsync(CancellationToken.None).ConfigureAwait(false))
        {
            if (owner == host.Id)
            {
                await ReleaseOwnAsync().ConfigureAwait(false);
                continue;
            }

            if (host.Isolated.Has(owner))
                continue; // who watches the process says better how it died

            var record = await host.Store.GetHostAsync(owner, CancellationToken.None).ConfigureAwait(false);
            if (FindDeath(owner, record) is { } note)
                await ReleaseRunsAsync(owner, record, note).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a host is thought to live. Who is told so of one that is silent must ask again some time later.</summary>
    internal async ValueTask<bool> IsAliveAsync(Guid id)
    {
        if (id == host.Id)
            return true;
        var record = await host.Store.GetHostAsync(id, CancellationToken.None).ConfigureAwait(false);
        return FindDeath(id, record) is null;
    }

    /// <summary>Says in the ledger how the host of a run that was just claimed had died.</summary>
    internal async ValueTask NoteCrashAsync(FlowRunRecord run, FlowRunRecord claimed)
    {
        var owner = run.HostId is { } id ? await host.Store.GetHostAsync(id, CancellationToken.None).ConfigureAwait(false) : null;
        host.Writer.Add(claimed.Id, new Lease(claimed), batch => batch.Ledger.Add(new LedgerEntry
        {
            RunId = run.Id,
            At = host.Now,
            From = run.State.ToString(),
            To = nameof(FlowRunState.Crashed),
            Actor = "engine",
            Reason = run.HostId is { } dead && dead != host.Id && FindDeath(dead, owner) is { } note ? note : "its host went on without it",
        }));
    }

    /// <summary>Why a host is dead; null when it lives, as far as can be known.</summary>
    private string? FindDeath(Guid id, HostRecord? record)
    {
        if (record is null)
            return "its host is not known any more";
        if (record.EndedAt is not null)
            return DeathNote.Write(record, host.Identity, null);
        if (HostIdentity.IsSameMachine(record, host.Identity) && !HostIdentity.IsProcessThere(record))
            return DeathNote.Write(record, host.Identity, null);

        // A host in this very process beats on the same thread pool, and its process is there.
        var sighting = _sightings.GetOrAdd(id, static _ => new Sighting());
        return sighting.Look(record.Beat, host.HostTimeout) is { } silence ? DeathNote.Write(record, host.Identity, silence) : null;
    }

    /// <summary>Lets go of the runs that the store takes for this host's and that nobody here executes, so that they go on.</summary>
    private async ValueTask ReleaseOwnAsync()
    {
        if (!host.MayHaveLostRuns)
            return;
        host.MayHaveLostRuns = false; // before the look: what is lost during it is found by the next one
        try
        {
            await foreach (var run in RunsOfAsync(host.Id).ConfigureAwait(false))
            {
                if (!await host.IsLostAsync(run).ConfigureAwait(false))
                    continue;
                const string why = "the store was not available when its host had to say what it did with the run";
                await ReplaceAsync(run, run with { State = FlowRunState.Crashed, HostId = null, WakeAt = FlowRunRecord.AtOnce, EndedAt = host.Now, Reason = why }, null)
                    .ConfigureAwait(false);
            }
        }
        catch (StoreUnavailableException)
        {
            host.MayHaveLostRuns = true;
            throw;
        }
    }

    private async IAsyncEnumerable<FlowRunRecord> RunsOfAsync(Guid owner)
    {
        var last = default(RunId);
        while (true)
        {
            var runs = await host.Store.GetRunsOfHostAsync(owner, last, 100, CancellationToken.None).ConfigureAwait(false);
            foreach (var run in runs)
                yield return run;
            if (runs.Count == 0)
                yield break;
            last = runs[^1].Id;
        }
    }

    private async ValueTask ReleaseRunsAsync(Guid dead, HostRecord? record, string note)
    {
        await foreach (var run in RunsOfAsync(dead).ConfigureAwait(false))
            await ReleaseAsync(run, note).ConfigureAwait(false);
        if (record is { EndedAt: null })
        {
            await host.Store.PutHostAsync(record with { EndedAt = host.Now, EndReason = note }, CancellationToken.None).ConfigureAwait(false);
            host.Observers.Note($"A host is dead: {note}.");
        }
    }

    /// <summary>Takes a run from its dead host, unless somebody was faster.</summary>
    /// <param name="run">The run, as it was with that host.</param>
    /// <param name="note">How the host died.</param>
    /// <param name="end">What the run fails with, if that is not for the number of its crashes to say; default null.</param>
    internal async ValueTask ReleaseAsync(FlowRunRecord run, string note, ErrorRecord? end = null)
    {
        var crashes = run.Crashes + 1;
        var resumeAt = end is null ? host.ResumeAt(crashes) : null;
        var isPoison = resumeAt is null;
        var why = end is not null ? note : isPoison
            ? string.Create(CultureInfo.InvariantCulture, $"{note}. That is the {crashes}. time in a row, so the run is not resumed by itself any more")
            : await WithTakerAsync(run, note).ConfigureAwait(false);
        if (isPoison && !run.IsUndoing && await HasUndosAsync(run.Id).ConfigureAwait(false))
        {
            // Its body is given up, and what it did is undone, for which it may crash as often again.
            await ReplaceAsync(
                run,
                run with
                {
                    State = FlowRunState.Crashed,
                    HostId = null,
                    Crashes = 0,
                    WakeAt = FlowRunRecord.AtOnce,
                    EndedAt = host.Now,
                    Reason = why,
                    Error = end ?? Poison(why),
                    Undoing = new UndoingRecord(FlowRunState.Failed, host.Now, null),
                },
                "what it did is undone").ConfigureAwait(false);
            return;
        }

        var when = resumeAt == FlowRunRecord.AtOnce ? "at once" : string.Create(CultureInfo.InvariantCulture, $"at {resumeAt:yyyy-MM-dd HH:mm:ss}Z");
        var released = run with
        {
            State = isPoison ? FlowRunState.Failed : FlowRunState.Crashed,
            HostId = null,
            Crashes = crashes,
            WakeAt = resumeAt,
            EndedAt = host.Now,
            Reason = why,
            Error = isPoison ? end ?? Poison(why) : run.IsUndoing ? run.Error : null,
        };
        await ReplaceAsync(run, released, isPoison ? null : $"it is resumed {when} (resume {crashes} of {host.CrashResumes})").ConfigureAwait(false);
    }

    /// <summary>Whether the run, or one inside it, did something that can be undone.</summary>
    private async ValueTask<bool> HasUndosAsync(RunId run)
    {
        await foreach (var step in host.Store.GetStepRunsAsync(run, CancellationToken.None).ConfigureAwait(false))
        {
            if (PendingUndo.Is(step))
                return true;
            if (step is { ChildRunId: { } child, Undoes: 0 } && !step.State.IsEnd() && await HasUndosAsync(child).ConfigureAwait(false))
                return true;
        }

        return false;
    }

    private async ValueTask ReplaceAsync(FlowRunRecord run, FlowRunRecord released, string? next)
    {
        // The call that a process executed it for tells it itself.
        var isTold = run.HostId is { } owner && host.Isolated.Has(owner);
        if (await host.TryReplaceAsync(run, released, next).ConfigureAwait(false) is { } now && !isTold && host.Catalog?.Find(run.Flow) is { } flow)
            host.Observers.FlowRunChanged(now, flow);
    }

    private async ValueTask<string> WithTakerAsync(FlowRunRecord run, string note)
    {
        // The call that waits for it outlived the process that executed it.
        if (run.CallerHostId == host.Id)
            return note;
        var others = (await host.Store.GetLivingHostsAsync(CancellationToken.None).ConfigureAwait(false)).Where(other => other.Id != run.HostId).ToList();
        return Takers.FindLack(run, others) is { } lack
            ? $"{note}; {lack}, so it waits for one, or for a program that calls the flow with the same parameters"
            : note;
    }

    private static ErrorRecord Poison(string why) => new()
    {
        Type = "Fletcher.HostDied",
        Message = $"{char.ToUpperInvariant(why[0])}{why[1..]}.",
        Class = FailureClass.Infrastructure,
    };

    /// <summary>What was seen of a host.</summary>
    private sealed class Sighting
    {
        private readonly Lock _gate = new();
        private long _beat = long.MinValue;
        private long _lookedAt;
        private TimeSpan _silence;

        /// <summary>How long it has been silent, when that is too long; else null.</summary>
        internal TimeSpan? Look(long beat, TimeSpan limit)
        {
            lock (_gate)
            {
                var now = TimeProvider.System.GetTimestamp();
                var since = TimeProvider.System.GetElapsedTime(_lookedAt, now);
                _lookedAt = now;
                if (beat != _beat)
                {
                    _beat = beat;
                    _silence = TimeSpan.Zero;
                    return null;
                }

                _silence += since < LongestLook ? since : LongestLook;
                return _silence >= limit ? _silence : null;
            }
        }
    }
}
