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
    public ValueTask<IReadOnlyList<ClaimedRun>> ClaimDueAsync(
        Guid hostId, IReadOnlyCollection<string> flows, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flows);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        var claimed = new List<ClaimedRun>();
        lock (_gate)
        {
            while (claimed.Count < limit && Due(flows, now, limit - claimed.Count) is { Count: > 0 } due)
            {
                foreach (var run in due)
                {
                    if (HasItsOnceKey(run))
                        claimed.Add(new ClaimedRun(Claim(run, hostId, now), run.State, run.Reason));
                    else
                        Put(run with { WakeAt = null });
                }
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
    public ValueTask<DateTimeOffset?> GetNextWakeAsync(IReadOnlyCollection<string> flows, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flows);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var first = flows.Where(flow => !_paused.ContainsKey(flow)).Min(_owners.NextWake);
            var toStop = PausedToStop(flows).Min(MemoryOwnerIndex.DueAt);
            return new(toStop is null || first < toStop ? first : toStop);
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

    private List<FlowRunRecord> Due(IReadOnlyCollection<string> flows, DateTimeOffset now, int limit) =>
    [
        .. flows.Distinct(StringComparer.Ordinal).Where(flow => !_paused.ContainsKey(flow))
            .SelectMany(flow => _owners.Due(flow, now).Take(limit))
            .Concat(PausedToStop(flows).Select(static run => (WakeAt: MemoryOwnerIndex.DueAt(run)!.Value, Run: run.Id)).Where(due => due.WakeAt <= now))
            .Order().Take(limit).Select(due => _runs[due.Run].Run!),
    ];

    /// <summary>A run that was asked to stop must do so although its flow is paused. One that has ended need not be waited for.</summary>
    private IEnumerable<FlowRunRecord> PausedToStop(IReadOnlyCollection<string> flows) => _paused.Count == 0
        ? []
        : _messages.RootsToStop.Select(FindRun).OfType<FlowRunRecord>().Where(run =>
            _paused.ContainsKey(run.Flow) && flows.Contains(run.Flow)
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
