using System.Runtime.InteropServices;
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
    private readonly HashSet<ContentHash> _expected = [];
    private readonly HashSet<StepKey> _discarded = [];
    private readonly Dictionary<int, int> _aroundDiscarded = []; // each with what it was called in
    private readonly HashSet<int> _changed = [];
    private readonly List<StepRunRecord> _neverBegan = [];
    private readonly Dictionary<StepKey, List<StepRunRecord>> _inTransactions = [];
    private Dictionary<int, RememberedStep>? _bySequence;

    private RunMemory()
    {
    }

    /// <summary>The highest sequence in use; new step runs are numbered behind it.</summary>
    internal int LastSequence { get; private set; }

    /// <summary>Whether no step ever began.</summary>
    internal bool IsEmpty => LastSequence == 0;

    /// <summary>What is yet to be undone.</summary>
    internal List<PendingUndo> Undos { get; } = [];

    /// <summary>The step runs that have, or had, something to undo them.</summary>
    internal HashSet<int> Undoable { get; } = [];

    /// <summary>The transactions, each with the one around it; 0 for none.</summary>
    internal Dictionary<int, int> Transactions { get; } = [];

    /// <summary>Reads what is stored of a run.</summary>
    /// <param name="store">Where.</param>
    /// <param name="run">The run.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="inside">Only the step runs inside this one, at any depth; 0 for all.</param>
    /// <param name="key">The key of that: what is inside a step run of this key that was discarded is its own too, as far as it was not discarded itself.</param>
    internal static async ValueTask<RunMemory> LoadAsync(
        IRunStore store, RunId run, CancellationToken cancellationToken, int inside = 0, StepKey? key = null)
    {
        var memory = new RunMemory();
        HashSet<int> family = [inside];
        HashSet<int>? undoing = null;
        Dictionary<int, int> parents = [];
        Dictionary<int, StepKey> transactions = [];
        await foreach (var step in store.GetStepRunsAsync(run, cancellationToken).ConfigureAwait(false))
        {
            if (inside != 0 && step is { Discarded: true, Undoes: 0 } && step.Key == key)
                family.Add(step.Sequence);

            // A step is numbered before those inside it, so one pass finds them all.
            if (inside != 0 && (!family.Contains(step.ParentSequence) || !family.Add(step.Sequence)))
                continue;
            memory.LastSequence = Math.Max(memory.LastSequence, step.Sequence);
            if (step.ParentSequence != 0)
                parents[step.Sequence] = step.ParentSequence;
            if (TransactionStep.Is(step))
            {
                memory.Transactions[step.Sequence] = memory.FindTransaction(step.ParentSequence, parents);
                transactions[step.Sequence] = step.Key;
            }

            if (inside == 0 && (step.Undoes != 0 || undoing?.Contains(step.ParentSequence) == true))
            {
                // No call of the flow's body is answered by what undid something.
                (undoing ??= []).Add(step.Sequence);
                if (step is { Undoes: not 0, UndoesRunId: null })
                    memory.Undoable.Add(step.Undoes);
                if (PendingUndo.Is(step))
                    memory.Undos.Add(new PendingUndo(step));
                continue;
            }

            if (step.Undoes != 0)
                continue;

            // By its key: what an earlier attempt of the transaction left is a part of the later one too, where that used it again.
            if (transactions.TryGetValue(step.ParentSequence, out var transaction))
                (CollectionsMarshal.GetValueRefOrAddDefault(memory._inTransactions, transaction, out _) ??= []).Add(step);

            // Its number stays taken: what runs in its place is a step run of its own, and this one is history.
            if (step.Discarded)
            {
                memory._discarded.Add(step.Key);
                memory._aroundDiscarded[step.Sequence] = step.ParentSequence;
                continue;
            }

            if (NeverBegan(step))
            {
                memory._neverBegan.Add(step);
                continue;
            }

            var remembered = new RememberedStep(step);
            memory._byKey[step.Key] = remembered;
            memory._bySite[step.Site] = remembered;
        }

        return memory;
    }

    /// <summary>The step run with this key, which nobody else gets afterwards; null when there is none.</summary>
    internal StepRunRecord? Take(StepKey key)
    {
        lock (_gate)
            return _byKey.TryGetValue(key, out var step) && step.TryTake() ? step.Record : null;
    }

    /// <summary>
    /// What was called in a transaction whose code is not executed again, undone or not, but for what was called inside its steps. No call gets it afterwards.
    /// </summary>
    internal List<StepRunRecord> TakeInside(StepKey transaction)
    {
        var inside = new List<StepRunRecord>();
        foreach (var step in _inTransactions.GetValueOrDefault(transaction) ?? [])
        {
            inside.Add(step);
            if (TransactionStep.Is(step))
                inside.AddRange(TakeInside(step.Key));
            lock (_gate)
            {
                if (step.State.IsEnd() && _byKey.TryGetValue(step.Key, out var remembered) && remembered.Record.Sequence == step.Sequence)
                    remembered.TryTake();
            }
        }

        return inside;
    }

    /// <summary>
    /// A step run that was called from here but whose inputs no call has had yet: the call has drifted. It is not taken, as the
    /// call that it belongs to may still come. What is inside a step that has answered has had its call with that.
    /// </summary>
    internal StepRunRecord? FindDrifted(StepSite site, string step)
    {
        lock (_gate)
        {
            return _bySite.TryGetValue(site, out var found) && !found.IsTaken && found.Record.Step.Name == step
                && !_expected.Contains(found.Record.Key.Hash) && !IsInsideAnswer(found.Record)
                ? found.Record
                : null;
        }
    }

    private bool IsInsideAnswer(StepRunRecord step)
    {
        for (var around = Around(step); around != 0;)
        {
            _bySequence ??= _byKey.Values.ToDictionary(remembered => remembered.Record.Sequence);
            if (!_bySequence.TryGetValue(around, out var outer))
                return false;
            if (outer.IsTaken && outer.Record.State.HasResult())
                return true;
            around = Around(outer.Record);
        }

        return false;
    }

    /// <summary>The step run that another one was called in; of those that were discarded, what they were called in.</summary>
    private int Around(StepRunRecord step)
    {
        var around = step.ParentSequence;
        while (_aroundDiscarded.TryGetValue(around, out var outer))
            around = outer;
        return around;
    }

    /// <summary>
    /// Whether this call was answered before and that answer does not count any more. Then its code has to run: a cache or a target would only
    /// bring the same answer back.
    /// </summary>
    internal bool IsDiscarded(StepKey key) => _discarded.Contains(key);

    /// <summary>
    /// Says that a call with this hash will come, so that the step run is not taken for a drifted one. A fan-out says it of all its
    /// items first: an item that is new or moved does not look like another one that changed.
    /// </summary>
    internal void Expect(ContentHash hash)
    {
        lock (_gate)
            _expected.Add(hash);
    }

    /// <summary>
    /// The step runs that this execution did not reach, and that were not marked so before. Those inside a step whose result was
    /// reused belong to it, and so do those inside a transaction whose failure was told again; but not those that have no end: whoever made the result did not come back to
    /// them either.
    /// </summary>
    internal List<StepRunRecord> NotReached()
    {
        HashSet<int> reused = [];
        var notReached = new List<StepRunRecord>(_neverBegan);
        foreach (var step in _byKey.Values.OrderBy(step => step.Record.Sequence))
        {
            var record = step.Record;
            var isInside = reused.Contains(Around(record));
            var isReused = step.IsTaken ? record.State.HasResult() || (TransactionStep.Is(record) && record.Error is not null) : isInside;
            if (isReused || isInside)
                reused.Add(record.Sequence);
            if (!step.IsTaken && (!isReused || !record.State.IsEnd()))
                notReached.Add(record);
        }

        lock (_gate)
            notReached.RemoveAll(step => step.Superseded || _changed.Contains(step.Sequence));
        return notReached;
    }

    /// <summary>Says that a step run was undone since this was read, so that nobody writes what it was before.</summary>
    internal void Forget(int sequence)
    {
        lock (_gate)
            _changed.Add(sequence);
    }

    private int FindTransaction(int sequence, Dictionary<int, int> parents)
    {
        while (sequence != 0 && !Transactions.ContainsKey(sequence))
            sequence = parents.GetValueOrDefault(sequence);
        return sequence;
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
