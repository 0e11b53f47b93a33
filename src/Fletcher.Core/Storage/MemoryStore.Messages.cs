using Fletcher.Model;

namespace Fletcher.Storage;

public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    public ValueTask<RunMessage?> SendAsync(RunMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(message.Actor, "message.Actor");
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_messages.Find(message.RunId, message.Key) is { } earlier)
                return new(earlier);
            if (FindRun(message.RunId) is not { } run || FindRun(run.RootRunId) is not { } root || !Takes(root, run, message.Kind))
                return new((RunMessage?)null);

            var kept = _messages.Add(message, root.Id);
            NoteChange();
            if ((IsParkedRoot(root) || (IsScheduledRoot(root) && message.Kind == MessageKind.Cancel)) && (!root.WaitsForFix || kept.Kind.EndsWaitForFix()))
                Put(root with { WakeAt = Earlier(root.WakeAt, _time.GetUtcNow()) });
            else if (root.State.IsEnd() && message.Kind == MessageKind.Retry)
                Put(root with { WakeAt = Earlier(root.WakeAt, _time.GetUtcNow()), HostId = null });
            return new(kept);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RunMessage>> GetMessagesAsync(long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_messages.After(after, limit));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RunMessage>> GetUntakenAsync(RunId root, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_messages.Untaken(root));
    }

    /// <inheritdoc/>
    public ValueTask<long> GetLastMessageAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_messages.Last);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<QuestionRecord>> GetQuestionsAsync(
        RunId? run, bool onlyOpen, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_questions.List(run, onlyOpen, limit));
    }

    /// <inheritdoc/>
    public ValueTask<bool> SetPausedAsync(string flow, PausedFlow? paused, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        if (paused is not null && (paused.Flow != flow || paused.Actor is null))
            throw new ArgumentException($"What pauses flow '{flow}' is of flow '{paused.Flow}', or lacks who paused it.", nameof(paused));

        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_paused.GetValueOrDefault(flow) == paused)
                return new(false);

            if (paused is not null)
            {
                _paused[flow] = paused;
                NoteChange();
                return new(true);
            }

            _paused.Remove(flow);
            NoteChange();
            foreach (var id in _owners.Queued(flow).ToArray())
            {
                var run = _runs[id].Run!;
                Put(run with { WakeAt = Earlier(run.WakeAt, _time.GetUtcNow()) });
            }

            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<PausedFlow>> GetPausedAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new([.. _paused.Values.OrderBy(static paused => paused.Flow, StringComparer.Ordinal)]);
    }

    // A run that crashed, and one that somebody asked for again, goes on when a host takes it: it has not ended for good.
    private static bool Takes(FlowRunRecord root, FlowRunRecord run, MessageKind kind)
    {
        if (root.State == FlowRunState.Completed || run.State == FlowRunState.Completed)
            return false;
        if (kind == MessageKind.Retry)
            return true;
        if (root.State.IsEnd() && root.WakeAt is null)
            return false;
        return run.Id == root.Id || !run.State.IsEnd() || run.State == FlowRunState.Crashed;
    }
}
