using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Diagnosis;

/// <summary>
/// One reading of a flow run's step runs that keeps only what an explanation needs: counts by step, and a bounded number of
/// records. A run may have a million of them.
/// </summary>
internal sealed class StepSurvey
{
    private const int MaxNames = 10_000;
    private const int MaxGroups = 20;
    private const int MaxListed = 10;
    private const int MaxConsequences = 64;

    private readonly Dictionary<string, long> _succeeded = [];
    private readonly HashSet<string> _started = [];
    private readonly Dictionary<(string Step, string Type, bool Consequence), OtherFailure> _failures = [];
    private readonly List<StepRunRecord> _consequences = [];
    private readonly List<StepRunRecord> _unknown = [];
    private readonly List<string> _notRun = [];

    private StepSurvey()
    {
    }

    /// <summary>The step run that was asked for; null when there is none.</summary>
    internal StepRunRecord? Focus { get; private set; }

    internal IReadOnlyList<StepRunRecord> Unknown => _unknown;

    internal long UnknownCount { get; private set; }

    internal long Remembered { get; private set; }

    /// <summary>Steps with a record that says they did not run.</summary>
    internal IReadOnlyList<string> NotRun => _notRun;

    internal IEnumerable<OtherFailure> Failures => _failures.Values;

    internal long Succeeded(string step) => _succeeded.GetValueOrDefault(step);

    internal bool HasStarted(string step) => _started.Contains(step);

    /// <summary>The outermost step run around <see cref="Focus"/>, which is the one that the flow's body called.</summary>
    internal StepRunRecord? FocusInBody
    {
        get
        {
            var step = Focus;
            for (var hop = 0; step is { ParentSequence: > 0 } && hop < MaxConsequences; hop++)
                step = _consequences.Find(c => c.Sequence == step.ParentSequence) ?? step with { ParentSequence = 0 };
            return step;
        }
    }

    /// <summary>Reads the step runs of <paramref name="run"/>.</summary>
    /// <param name="store">Where they are.</param>
    /// <param name="run">The flow run.</param>
    /// <param name="focus">The sequence of the step run to keep; 0 for none.</param>
    /// <param name="causeRun">The run in which the cause is.</param>
    /// <param name="causeSequence">The sequence of the cause; 0 for the body.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    internal static async ValueTask<StepSurvey> ReadAsync(
        IRunStore store, RunId run, int focus, RunId causeRun, int causeSequence, CancellationToken cancellationToken)
    {
        var survey = new StepSurvey();
        await foreach (var step in store.GetStepRunsAsync(run, cancellationToken).ConfigureAwait(false))
            if (!step.Superseded && (step.Undoes == 0 || step.State == StepRunState.Failed))
                survey.Add(step, focus, causeRun, causeSequence);
        return survey;
    }

    private void Add(StepRunRecord step, int focus, RunId causeRun, int causeSequence)
    {
        var name = step.Step.Name;
        if (step.Sequence == focus)
            Focus = step;
        if (step.State != StepRunState.NotRun && _started.Count < MaxNames)
            _started.Add(name);

        if (step.Discarded)
            return; // undone, or run again since: it began, and no more

        if (step.State.HasResult())
        {
            Remembered++;
            if (_succeeded.Count < MaxNames || _succeeded.ContainsKey(name))
                _succeeded[name] = Succeeded(name) + 1;
        }
        else if (step.State == StepRunState.Unknown)
        {
            UnknownCount++;
            if (_unknown.Count < MaxListed)
                _unknown.Add(step);
        }
        else if (step.State == StepRunState.NotRun && _notRun.Count < MaxGroups && !_notRun.Contains(name))
        {
            _notRun.Add(name);
        }
        else if (step is { State: StepRunState.Failed, Error: { } error } && step.Sequence != focus)
        {
            AddFailure(step, error, IsCausedBy(step, error, causeRun, causeSequence));
        }
    }

    private void AddFailure(StepRunRecord step, ErrorRecord error, bool isConsequence)
    {
        if (isConsequence && _consequences.Count < MaxConsequences)
            _consequences.Add(step);

        var key = (step.Step.Name, error.Type, isConsequence);
        if (_failures.TryGetValue(key, out var known))
            _failures[key] = known with { Count = known.Count + 1 };
        else if (_failures.Count < MaxGroups)
            _failures.Add(key, new OtherFailure(step.Step.Name, error.Type, error.Message, 1, isConsequence));
    }

    // A step run that names itself, or nobody, threw by itself: it is a cause of its own.
    private static bool IsCausedBy(StepRunRecord step, ErrorRecord error, RunId causeRun, int causeSequence) =>
        error.CauseRunId == causeRun && error.CauseSequence == causeSequence
        && (step.RunId != causeRun || step.Sequence != causeSequence);
}
