using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>
/// What earlier executions of a flow run left: its step runs, found by content, and by call site where only the inputs
/// changed. A fresh run has none.
/// </summary>
internal sealed class RunMemory
{
    private readonly Lock _gate = new();
    private readonly Dictionary<StepKey, RememberedStep> _byKey = [];
    private readonly Dictionary<StepSite, RememberedStep> _bySite = [];
    private readonly HashSet<int> _reused = [];
    private readonly HashSet<ContentHash> _expected = [];
    private readonly List<StepRunRecord> _neverBegan = [];

    private RunMemory()
    {
    }

    /// <summary>The highest sequence in use; new step runs are numbered behind it.</summary>
    internal int LastSequence { get; private set; }

    /// <summary>How many step runs have a result.</summary>
    internal int CompletedCount { get; private set; }

    /// <summary>What a flow run left; with a sequence, only what the step run with that sequence left inside itself.</summary>
    internal static async ValueTask<RunMemory> LoadAsync(
        IRunStore store, RunId run, int inside, CancellationToken cancellationToken)
    {
        var memory = new RunMemory();
        HashSet<int> enclosing = [inside];
        await foreach (var step in store.GetStepRunsAsync(run, cancellationToken).ConfigureAwait(false))
        {
            // A step run is numbered behind the one that encloses it, so that one is known by now.
            if (inside == 0 || (enclosing.Contains(step.ParentSequence) && enclosing.Add(step.Sequence)))
                memory.Add(new RememberedStep(step));
        }

        return memory;
    }

    /// <summary>The step run with this key, which nobody else gets afterwards; null when there is none.</summary>
    internal StepRunRecord? Take(StepKey key)
    {
        lock (_gate)
            return _byKey.TryGetValue(key, out var step) && step.TryTake() ? step.Record : null;
    }

    /// <summary>Says that a step run answered, so that what is inside it was not to be reached.</summary>
    internal void NoteReused(int sequence)
    {
        lock (_gate)
            _reused.Add(sequence);
    }

    /// <summary>
    /// A step run that was called from here but whose inputs no call has had yet: the call has drifted. It is not taken, as the
    /// call that it belongs to may still come.
    /// </summary>
    internal StepRunRecord? FindDrifted(StepSite site, string step)
    {
        lock (_gate)
        {
            return _bySite.TryGetValue(site, out var found) && !found.IsTaken && found.Record.Step.Name == step
                && !_expected.Contains(found.Record.Key.Hash)
                ? found.Record
                : null;
        }
    }

    /// <summary>
    /// Says that a call with this hash will come, so that the step run is not taken for a drifted one. A fan-out says it of all its
    /// items first: an item that is new or moved does not look like another one that changed.
    /// </summary>
    internal void Expect(ContentHash hash)
    {
        lock (_gate)
            _expected.Add(hash);
    }

    /// <summary>The step runs that this execution did not reach, and that were not marked so before.</summary>
    internal IEnumerable<StepRunRecord> NotReached()
    {
        var inside = new HashSet<int>(_reused);
        foreach (var step in _byKey.Values.OrderBy(step => step.Record.Sequence))
        {
            var record = step.Record;
            if (record.ParentSequence != 0 && inside.Contains(record.ParentSequence))
                inside.Add(record.Sequence);
            else if (!step.IsTaken && !record.Superseded)
                yield return record;
        }

        foreach (var record in _neverBegan.Where(record => !record.Superseded))
            yield return record;
    }

    private void Add(RememberedStep step)
    {
        var record = step.Record;
        LastSequence = Math.Max(LastSequence, record.Sequence);
        if (NeverBegan(record))
        {
            _neverBegan.Add(record);
            return;
        }

        _byKey[record.Key] = step;
        _bySite[record.Site] = step;
        if (record.State.HasResult())
            CompletedCount++;
    }

    /// <summary>
    /// Whether the step was refused before it began (drift, an input that cannot be written). Such a record is no memory of
    /// anything: it must neither be continued nor hide what ran at its place before.
    /// </summary>
    private static bool NeverBegan(StepRunRecord step) => step is { State: StepRunState.Failed, Attempt: 0, StartedAt: null };

    private sealed class RememberedStep(StepRunRecord record)
    {
        internal StepRunRecord Record { get; } = record;

        internal bool IsTaken { get; private set; }

        internal bool TryTake() => !IsTaken && (IsTaken = true);
    }
}
