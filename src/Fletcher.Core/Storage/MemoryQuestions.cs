using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>The questions of a <see cref="MemoryStore"/>, in the order in which they were asked: all, those that are open, those of each run.</summary>
internal sealed class MemoryQuestions
{
    private readonly Dictionary<(RunId Run, int Sequence), QuestionRecord> _questions = [];
    private readonly SortedSet<(DateTimeOffset At, RunId Run, int Sequence)> _all = [];
    private readonly SortedSet<(DateTimeOffset At, RunId Run, int Sequence)> _open = [];
    private readonly Dictionary<RunId, SortedSet<(DateTimeOffset At, RunId Run, int Sequence)>> _ofRun = [];

    public void Put(QuestionRecord question)
    {
        if (_questions.TryGetValue((question.RunId, question.Sequence), out var older))
        {
            _all.Remove(Key(older));
            _open.Remove(Key(older));
            _ofRun[older.RunId].Remove(Key(older));
        }

        _questions[(question.RunId, question.Sequence)] = question;
        _all.Add(Key(question));
        if (question.ClosedAt is null)
            _open.Add(Key(question));
        if (!_ofRun.TryGetValue(question.RunId, out var ofRun))
            _ofRun[question.RunId] = ofRun = [];
        ofRun.Add(Key(question));
    }

    /// <summary>Forgets those of a run.</summary>
    public void Remove(RunId run)
    {
        if (!_ofRun.Remove(run, out var keys))
            return;
        foreach (var key in keys)
        {
            _questions.Remove((key.Run, key.Sequence));
            _all.Remove(key);
            _open.Remove(key);
        }
    }

    /// <summary>Those that wait for an answer.</summary>
    public IEnumerable<QuestionRecord> Open => _open.Select(key => _questions[(key.Run, key.Sequence)]);

    /// <summary>Newest first.</summary>
    public IReadOnlyList<QuestionRecord> List(RunId? run, bool onlyOpen, int limit)
    {
        var keys = run is { } id ? _ofRun.GetValueOrDefault(id, []) : onlyOpen ? _open : _all;
        return
        [
            .. keys.Reverse().Select(key => _questions[(key.Run, key.Sequence)])
                .Where(question => !onlyOpen || question.ClosedAt is null).Take(limit),
        ];
    }

    private static (DateTimeOffset At, RunId Run, int Sequence) Key(QuestionRecord question) =>
        (question.AskedAt, question.RunId, question.Sequence);
}
