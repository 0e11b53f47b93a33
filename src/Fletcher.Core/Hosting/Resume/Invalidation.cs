using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>
/// Which step runs of one flow run count no more when some of them are to run again: those themselves, what was given their results, what is inside
/// them, and so on from there. A step around one of them is opened again: its code runs, and of what is inside it only that runs again which has
/// to. Data arrows are followed and nothing else: a step that merely came later, or was called because of an <c>if</c> over a result, is not found here.
/// </summary>
internal sealed class Invalidation
{
    private readonly RunHistory _history;
    private readonly Dictionary<int, string> _discarded = [];
    private readonly Dictionary<int, string> _opened = [];
    private readonly Queue<int> _pending = new();

    internal Invalidation(RunHistory history) => _history = history;

    internal RunHistory History => _history;

    /// <summary>The step runs that count no more, and why.</summary>
    internal IReadOnlyDictionary<int, string> Discarded => _discarded;

    /// <summary>The step runs around those whose code runs again with what is left inside them, and why.</summary>
    internal IReadOnlyDictionary<int, string> Opened => _opened;

    /// <summary>Why a step run is to run again; null when it is not.</summary>
    internal string? WhyAgain(int sequence) => _discarded.GetValueOrDefault(sequence) ?? _opened.GetValueOrDefault(sequence);

    /// <summary>Discards a step run, with everything that follows from that.</summary>
    internal void Discard(int sequence, string why)
    {
        MarkDiscarded(sequence, why);
        Spread();
    }

    /// <summary>Opens a step run again, with everything that follows from that.</summary>
    internal void Open(int sequence, string why)
    {
        MarkOpened(sequence, why);
        Spread();
    }

    /// <summary>What follows from another result of a step run that does not run itself.</summary>
    internal void ChangeResult(StepRunRecord changed)
    {
        foreach (var (dependent, input) in _history.DependentsOf(changed.Sequence))
            MarkDiscarded(dependent, $"its input '{input}' is the result of {RunHistory.Show(changed)}, which was changed");
        if (changed.ParentSequence != 0)
            MarkOpened(changed.ParentSequence, $"the result of {RunHistory.Show(changed)} inside it was changed");
        Spread();
    }

    private void Spread()
    {
        while (_pending.TryDequeue(out var sequence))
        {
            var step = _history.Find(sequence)!;
            if (_discarded.ContainsKey(sequence))
            {
                foreach (var inside in _history.InsideOf(sequence))
                    MarkDiscarded(inside, $"it is inside {RunHistory.Show(step)}, which runs again");
                foreach (var undo in _history.UndosOf(sequence))
                    MarkDiscarded(undo, $"it belongs to {RunHistory.Show(step)}, which runs again");
            }

            foreach (var (dependent, input) in _history.DependentsOf(sequence))
                MarkDiscarded(dependent, $"its input '{input}' is the result of {RunHistory.Show(step)}, which runs again");
            if (step.ParentSequence != 0)
                MarkOpened(step.ParentSequence, $"{RunHistory.Show(step)} inside it runs again");
        }
    }

    private void MarkDiscarded(int sequence, string why)
    {
        if (_history.Find(sequence) is null || !_discarded.TryAdd(sequence, why))
            return;
        _opened.Remove(sequence);
        _pending.Enqueue(sequence);
    }

    private void MarkOpened(int sequence, string why)
    {
        if (_history.Find(sequence) is not null && !_discarded.ContainsKey(sequence) && _opened.TryAdd(sequence, why))
            _pending.Enqueue(sequence);
    }
}
