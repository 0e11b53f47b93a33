using Fletcher.Model;

namespace Fletcher.Storage;

public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    public ValueTask<FlowRunRecord?> TryCreateOnceAsync(FlowRunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.OnceKey is null)
            throw new ArgumentException($"Run {run.Id} of flow '{run.Flow}' has no OnceKey.", nameof(run));

        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var existing = FindOnce(run.Flow, run.OnceKey);
            if (existing is null)
                Put(run);
            return new(existing);
        }
    }

    /// <inheritdoc/>
    public ValueTask<FlowRunRecord?> TryClaimAsync(
        RunId run, RunVersion expected, Guid hostId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        FlowRunRecord? claimed;
        lock (_gate)
            claimed = FindRun(run) is { } found && found.Version == expected && HasItsOnceKey(found) ? Claim(found, hostId, now) : null;
        _limits.Tell();
        return new(claimed);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ClaimedRun>> ClaimDueAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        StoreArguments.Check(request);
        cancellationToken.ThrowIfCancellationRequested();
        var claimed = new List<ClaimedRun>();
        lock (_gate)
        {
            foreach (var run in PausedToStop(request).Where(run => MemoryOwnerIndex.DueAt(run) <= request.Now)
                .OrderBy(run => new DueRun(run.WakeAt!.Value, run.Id)).ToList())
            {
                if (claimed.Count < request.Limit && TryGive(run, request) is { } given)
                    claimed.Add(given);
            }

            if (claimed.Count == request.Limit)
                return new(claimed);
            foreach (var candidate in ClaimOrder.Of([.. Lanes(request).Select(lane => lane.Lane.Due(lane.Flow, request.Now))], request))
            {
                if (TryGive(_runs[candidate.Run].Run!, request) is not { } given)
                    continue;
                candidate.NoteClaimed();
                claimed.Add(given);
                if (claimed.Count == request.Limit)
                    break;
            }
        }

        _limits.Tell();
        return new(claimed);
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryReplaceAsync(
        FlowRunRecord run, RunVersion expected, WriteBatch beside, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(beside);
        if (run.Fence <= expected.Fence)
            throw new ArgumentException($"The fence of run {run.Id} is {run.Fence}: it must be greater than {expected.Fence}.", nameof(run));

        cancellationToken.ThrowIfCancellationRequested();
        WriteBatchCheck.Check(beside);
        WriteBatchCheck.Check(run);
        lock (_gate)
        {
            if (FindRun(run.Id)?.Version != expected || !(run.State.IsEnd() || HasItsOnceKey(run)))
                return new(false);

            Write(beside);
            Put(run);
            if (run.State.IsEnd())
                EndFamily(run);
        }

        _limits.Tell();
        return new(true);
    }

    /// <inheritdoc/>
    public ValueTask<DateTimeOffset?> GetNextWakeAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        StoreArguments.Check(request);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var first = Lanes(request).Select(static lane => lane.Lane.FirstAt).Concat(PausedToStop(request).Select(MemoryOwnerIndex.DueAt)).Min();
            return new(first < request.Now ? request.Now : first);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<FlowRunRecord>> GetRunsOfHostAsync(
        Guid hostId, RunId after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new([.. _owners.RunsOf(hostId, after).Take(limit).Select(run => _runs[run].Run!)]);
    }

    private ClaimedRun? TryGive(FlowRunRecord run, ClaimRequest request)
    {
        if (HasItsOnceKey(run))
            return new ClaimedRun(Claim(run, request.HostId, request.Now), run.State, run.Reason);
        Put(run with { WakeAt = null });
        return null;
    }

    private IEnumerable<(string Flow, MemoryLane Lane)> Lanes(ClaimRequest request) => request.Flows.Distinct(StringComparer.Ordinal)
        .Where(flow => !_paused.ContainsKey(flow) && request.Room.GetValueOrDefault(flow, 1) > 0)
        .SelectMany(flow => _owners.Lanes(flow).Where(lane => request.Takes(lane.Queue, lane.Labels)), static (flow, lane) => (flow, lane));

    /// <summary>A run that was asked to stop must do so although its flow is paused. One that has ended need not be waited for.</summary>
    private IEnumerable<FlowRunRecord> PausedToStop(ClaimRequest request) => _paused.Count == 0
        ? []
        : _messages.RootsToStop.Select(FindRun).OfType<FlowRunRecord>().Where(run =>
            _paused.ContainsKey(run.Flow) && request.Flows.Contains(run.Flow) && request.Takes(run.Queue, run.Labels)
            && MemoryOwnerIndex.DueAt(run) is not null && (!run.State.IsEnd() || run.State == FlowRunState.Crashed));

    private FlowRunRecord Claim(FlowRunRecord run, Guid hostId, DateTimeOffset now)
    {
        var claimed = run with
        {
            State = FlowRunState.Running,
            Fence = run.Fence + 1,
            Attempt = run.Attempt + 1,
            HostId = hostId,
            StartedAt = run.StartedAt ?? now,
            EndedAt = null,
            Error = run.IsUndoing ? run.Error : null,
            Reason = null,
            WakeAt = null,
        };
        Put(claimed);
        return claimed;
    }

    private void EndFamily(FlowRunRecord root)
    {
        foreach (var member in _owners.OpenMembers(root.Id).ToArray())
        {
            var run = _runs[member].Run!;
            Put(run with
            {
                State = root.State,
                Reason = root.Reason,
                EndedAt = root.EndedAt,
                HostId = null,
                WakeAt = null,
                Fence = run.Fence + 1,
            });
        }

        // What crashed goes on, and its questions still want an answer.
        if (root.State == FlowRunState.Crashed || root.WakeAt is not null)
            return;
        foreach (var question in _questions.Open.Where(question => FindRun(question.RunId) is { } run && (run.Id == root.Id || run.RootRunId == root.Id)).ToArray())
            _questions.Put(question with { ClosedAt = root.EndedAt ?? _time.GetUtcNow() });
    }

    // Not so when the run had ended, and another one was made with its key since.
    private bool HasItsOnceKey(FlowRunRecord run) =>
        run.OnceKey is not { } key || FindOnce(run.Flow, key) is not { } other || other.Id == run.Id;

    private FlowRunRecord? FindOnce(string flow, string onceKey) =>
        _index.Once(flow, onceKey) is { } id ? _runs[id].Run : null;
}
