using System.Text.Json;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>
/// Decides what a call of a flow outside any flow does: start a run, continue one, or answer with the result of one that is
/// done. Two hosts may decide at the same time; a claim (compare and swap on the fence) or the unique Once key settles it.
/// </summary>
internal sealed partial class FlowStarter<T>(FletcherHost host, Call<T> call, FlowExecution? parent = null)
{
    private const int CandidateLimit = 16;

    private readonly FlowDefinition _flow = (FlowDefinition)call.Definition;
    private bool _isDecided;

    /// <summary>Told which run it is, as soon as that is decided.</summary>
    internal Action<RunId>? Decided { get; init; }

    /// <summary>The last ticket that the caller could have seen the record of; effects inside wait for it.</summary>
    internal long Seen { get; init; }

    /// <summary>Stops the run; besides it the caller's own token does.</summary>
    internal CancellationToken Outer { get; init; }

    /// <summary>Runs the flow, or answers for it.</summary>
    internal async ValueTask<T> RunAsync()
    {
        await host.OpenAsync(call.CallerToken).ConfigureAwait(false);
        host.Isolated.Check(_flow, default);
        var record = NewRun.Of(host, call, RunId.New(host.Time));

        if (host.TakeRetry(_flow.Id) is { } asked)
            return await RetryAsync(asked, record).ConfigureAwait(false);
        if (record.OnceKey is { } key)
            return await RunOnceAsync(record, key).ConfigureAwait(false);
        if (await ClaimUnfinishedAsync(record).ConfigureAwait(false) is { } claimed)
            return await ResumeAsync(claimed, "the flow was called again with the same parameters", false).ConfigureAwait(false);
        host.TryOwn(record.Id);
        if (host.FindPause(record.Flow) is { } pause)
            return await HoldAsync(record, pause).ConfigureAwait(false);
        return await ExecuteAsync(record, host.Writer.Add(record, new Lease(record)), false, false).ConfigureAwait(false);
    }

    /// <summary>Keeps a new run of a paused flow until the flow is resumed.</summary>
    private async ValueTask<T> HoldAsync(FlowRunRecord record, PausedFlow pause)
    {
        var held = record with
        {
            State = FlowRunState.Queued,
            HostId = null,
            Reason = Wording.Say($"the flow is paused by {pause.Actor}", pause.Reason),
        };
        await host.Writer.CommitAsync(host.Writer.Add(held, new Lease(held))).ConfigureAwait(false);
        host.Disown(held.Id);
        host.Observers.FlowRunChanged(held, _flow);
        Decided?.Invoke(held.Id);
        _isDecided = true;
        if (await ReturnAsync(held).ConfigureAwait(false) is not { } claimed)
            return await ContinueAsync(held, "the flow was resumed").ConfigureAwait(false);
        var (resumed, seen) = await PrepareAsync(new Claim(claimed.Run, claimed.From), "the flow was resumed", false).ConfigureAwait(false);
        return await ExecuteAsync(resumed, seen, true, false).ConfigureAwait(false);
    }

    /// <summary>Answers with a run that is there: with its result when it has one, by going on with it when nobody does, else by waiting.</summary>
    internal async ValueTask<T> ContinueAsync(FlowRunRecord run, string why)
    {
        while (true)
        {
            if (run.State == FlowRunState.Completed)
                return Answer(run, await ReadAsync(run).ConfigureAwait(false));
            if (run.State == FlowRunState.Cancelled)
                throw EndedRun.Cancelled(run);
            if (run.State == FlowRunState.Failed)
                throw EndedRun.Failed(run);
            if (!await host.IsLostAsync(run).ConfigureAwait(false))
                await LookAgainAsync(run.Id).ConfigureAwait(false);
            else if (await ClaimAsync(run).ConfigureAwait(false) is { } claimed)
                return await ResumeAsync(claimed, why, false).ConfigureAwait(false);

            run = await host.Store.GetFlowRunAsync(run.Id, call.CallerToken).ConfigureAwait(false) ?? run;
        }
    }

    /// <summary>Goes on with a run that this host has claimed by itself, with nobody who waits for its result.</summary>
    internal async Task ServeAsync(ClaimedRun claimed)
    {
        // What a run waited for that never began was a host, or its time. It has nothing to remember, and what is written of it now is nothing that its effects need wait for:
        // the claim is durable.
        var order = host.IsolatedRun is { } given && given.Run == claimed.Run.Id ? given : null;
        var isAskedFor = order is { IsAskedFor: true };
        var isFirst = order is null && claimed.Run is { Attempt: 1, ForkedFrom: null };
        var why = isFirst ? "a host took it" : claimed.Reason ?? "it was due";
        var (record, seen) = await PrepareAsync(new Claim(claimed.Run, claimed.From), why, isAskedFor).ConfigureAwait(false);
        try
        {
            if (host.Isolated.Takes(_flow, record.Id))
            {
                host.Observers.FlowRunChanged(await host.Isolated.ExecuteAsync(record, seen, _flow, isAskedFor: false, isServed: true, CancellationToken.None).ConfigureAwait(false), _flow);
                return;
            }

            var execution = new FlowExecution<T>(host, call, record, null) { IsServed = true, IsAskedFor = isAskedFor };
            await execution.RunAsync(isFirst ? 0 : seen, !isFirst).ConfigureAwait(false);
        }
        finally
        {
            host.Disown(record.Id);
        }
    }

    /// <summary>
    /// Runs a record that is new or claimed, and that this host owns already, so that no other call takes it for lost. A run that is
    /// parked meanwhile comes back here when it is due.
    /// </summary>
    internal async ValueTask<T> ExecuteAsync(FlowRunRecord record, long seen, bool resumes, bool isAskedFor)
    {
        if (!_isDecided)
            Decided?.Invoke(record.Id);
        _isDecided = true;
        while (true)
        {
            var (departure, result, left) = await ExecuteOnceAsync(record, Math.Max(seen, Seen), resumes, isAskedFor).ConfigureAwait(false);
            if (departure == Departure.Ended)
                return result;
            if (departure == Departure.HandedOver)
                throw new RunHandedOverException($"The host stops; flow run {left.Id} of '{left.Flow}' was handed over. It goes on elsewhere, or after the next start.");

            // Nothing of the run is held here but its call.
            if (await ReturnAsync(left).ConfigureAwait(false) is not { } claimed)
                return await ContinueAsync(await host.Store.GetFlowRunAsync(left.Id, call.CallerToken).ConfigureAwait(false) ?? left, "it was due").ConfigureAwait(false);
            (record, seen) = await PrepareAsync(new Claim(claimed.Run, claimed.From), "it was due", false).ConfigureAwait(false);
            resumes = true;
            isAskedFor = false;
        }
    }

    private async ValueTask<(Departure Departure, T Result, FlowRunRecord Left)> ExecuteOnceAsync(
        FlowRunRecord record, long seen, bool resumes, bool isAskedFor)
    {
        try
        {
            if (parent is null && host.Isolated.Takes(_flow, record.Id))
                return await ExecuteIsolatedAsync(record, seen, isAskedFor).ConfigureAwait(false);
            var execution = new FlowExecution<T>(host, call, record, parent, Outer) { IsAskedFor = isAskedFor };
            var departure = await execution.RunAsync(seen, resumes).ConfigureAwait(false);
            return (departure, execution.Result, execution.Record);
        }
        finally
        {
            host.Disown(record.Id);
        }
    }

    private async ValueTask<Claim?> ClaimUnfinishedAsync(FlowRunRecord record)
    {
        if (_flow.OnRerun == OnRerun.New || (host.Store.IsVolatile && _flow.OnRerun != OnRerun.Resume))
            return null;

        // What this host has is under way, unless it lost its store. Then what became of its runs is written first: a run whose record changes
        // while it is looked at would not be found, and a new one would do everything again.
        if (host.MayHaveLostRuns)
            await host.FlushAsync().ConfigureAwait(false);
        var candidates = await host.Store
            .FindUnfinishedAsync(record.Flow, record.ParametersHash, host.MayHaveLostRuns ? Guid.Empty : host.Id, CandidateLimit, call.CallerToken).ConfigureAwait(false);
        foreach (var run in candidates)
        {
            var wanted = run.State == FlowRunState.Failed
                ? _flow.OnRerun == OnRerun.Resume || run.WakeAt is not null // it was asked for
                : await host.IsLostAsync(run).ConfigureAwait(false);
            if (wanted && await ClaimAsync(run).ConfigureAwait(false) is { } claimed)
                return claimed;
        }

        return null;
    }

    private async ValueTask<Claim?> ClaimAsync(FlowRunRecord run)
    {
        // Or a call that waits for a run would take back what its host has just handed over.
        if (host.IsStopping)
            throw new RunHandedOverException($"The host stops, so it does not take flow run {run.Id} of '{run.Flow}'. It goes on elsewhere, or after the next start.");

        // It may have ended in this process since it was read; then it is not lost, and its end must stand.
        if (await host.TryTakeAsync(
                run.Id,
                async () => await host.Store.GetFlowRunAsync(run.Id, call.CallerToken).ConfigureAwait(false) is { } now && now.State == run.State ? run : null)
            .ConfigureAwait(false) is not { Run: var claimed })
            return null;
        if (run.State.IsEnd() || run.HostId is null)
            return new Claim(claimed, run.State);
        await host.Watch.NoteCrashAsync(run, claimed).ConfigureAwait(false);

        // Somebody asks for it by calling it, so it is not refused; but it counts for the hosts that take it by themselves.
        return new Claim(claimed with { Crashes = run.Crashes + 1 }, FlowRunState.Crashed);
    }

    /// <summary>Runs the flow unless a run with its key is under way or done.</summary>
    internal async ValueTask<T> RunOnceAsync(FlowRunRecord record, string key)
    {
        var isTold = false;
        RunId? awaited = null;
        while (true)
        {
            var existing = await host.Store.FindOnceAsync(record.Flow, key, call.CallerToken).ConfigureAwait(false);
            if (awaited is { } other && existing?.Id != other)
                await ThrowIfCancelledAsync(other).ConfigureAwait(false);
            if (existing is null)
            {
                // None is open or done. One that failed is continued like any other, if its parameters are the same.
                if (parent is null && await ClaimUnfinishedAsync(record).ConfigureAwait(false) is { } claimed)
                    return await ResumeAsync(claimed, "the flow was called again with the same parameters", false).ConfigureAwait(false);
                existing = await CreateOnceAsync(record).ConfigureAwait(false);
                if (existing is null)
                    return await ExecuteAsync(record, 0, false, false).ConfigureAwait(false);
            }

            if (existing.State == FlowRunState.Completed)
                return Answer(existing, await ReadAsync(existing).ConfigureAwait(false));
            if (await host.IsLostAsync(existing).ConfigureAwait(false))
            {
                if (await ClaimAsync(existing).ConfigureAwait(false) is not { } taken)
                    continue;
                if (_flow.OnRerun != OnRerun.New)
                    return await ResumeAsync(taken, $"the flow was called again with the same key '{key}'", false).ConfigureAwait(false);
                await GiveUpAsync(taken.Run).ConfigureAwait(false);
                continue;
            }

            if (!isTold && host.FindExecution(existing.Id) is null)
                host.Observers.Note($"Another process runs {record.Name ?? record.Flow} for '{key}' (run {existing.Id}); waiting for its result.");
            isTold = true;
            awaited = existing.Id;
            await LookAgainAsync(existing.Id).ConfigureAwait(false);
        }
    }

    /// <summary>Makes the run and owns it; if one with its key is open or done, returns that one instead.</summary>
    internal async ValueTask<FlowRunRecord?> CreateOnceAsync(FlowRunRecord record)
    {
        // Owned before it is there, or another call in this process would take it for lost.
        host.TryOwn(record.Id);
        FlowRunRecord? existing = record;
        try
        {
            return existing = await host.Store.TryCreateOnceAsync(record, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            host.MayHaveLostRuns = true; // its answer may be all that was lost
            throw;
        }
        finally
        {
            if (existing is not null)
                host.Disown(record.Id);
        }
    }

    /// <summary>Ends a crashed run that the flow says not to continue, so that its key is free for a new one.</summary>
    private async ValueTask GiveUpAsync(FlowRunRecord crashed)
    {
        try
        {
            await host.Writer.CommitAsync(host.Writer.Add(
                crashed with
                {
                    State = FlowRunState.Crashed,
                    EndedAt = host.Now,
                    HostId = null,
                    Reason = "its process went away, and the flow says to start a new run instead (OnRerun.New)",
                },
                new Lease(crashed))).ConfigureAwait(false);
        }
        finally
        {
            host.Disown(crashed.Id);
        }
    }

    private async ValueTask<T> RetryAsync(RunId asked, FlowRunRecord fresh)
    {
        var run = await host.Store.GetFlowRunAsync(asked, call.CallerToken).ConfigureAwait(false)
            ?? throw new FletcherUsageException("FLT1401", $"FLETCHER_RETRY names run {asked}, which is not in the store ({host.Store.Description}).");
        if (run.State == FlowRunState.Completed)
            throw new FletcherUsageException("FLT1402", $"FLETCHER_RETRY names run {asked}, which completed at {run.EndedAt:u}: there is nothing to retry.");
        if (!run.State.IsEnd() && !await host.IsLostAsync(run).ConfigureAwait(false))
            throw new FletcherUsageException("FLT1402", $"FLETCHER_RETRY names run {asked}, which is {run.State} on another host.");

        if (run.OnceKey is { } key && await host.Store.FindOnceAsync(run.Flow, key, call.CallerToken).ConfigureAwait(false) is { } other
            && other.Id != run.Id)
        {
            throw new FletcherUsageException(
                "FLT1402", $"FLETCHER_RETRY names run {asked}, but run {other.Id} has done '{key}' since, or is doing it ({other.State}).");
        }

        var claimed = await ClaimAsync(run).ConfigureAwait(false)
            ?? throw new FletcherUsageException("FLT1402", $"FLETCHER_RETRY names run {asked}, which another host has just taken.");
        var why = run.ParametersHash == fresh.ParametersHash ? "a retry was asked for" : "a retry with other parameters was asked for";
        var changed = claimed.Run with { Parameters = fresh.Parameters, ParametersHash = fresh.ParametersHash };
        return await ResumeAsync(claimed with { Run = changed }, why, true).ConfigureAwait(false);
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(FlowRunRecord run) => run.Result is not { } stored
        ? default
        : stored.Content ?? await host.Store.ReadValueAsync(stored, call.CallerToken).ConfigureAwait(false);

    private T Answer(FlowRunRecord run, ReadOnlyMemory<byte> content)
    {
        if (!_isDecided)
            Decided?.Invoke(run.Id);
        host.Observers.FlowRunChanged(run, _flow);
        try
        {
            return run.Result is { } stored ? host.Codec.Decode<T>(stored.Format, content) : default!;
        }
        catch (Exception e) when (e is NotSupportedException or JsonException or InvalidOperationException or InvalidCastException)
        {
            throw ValueErrors.Stored(run.Flow, typeof(T), e);
        }
    }
}
