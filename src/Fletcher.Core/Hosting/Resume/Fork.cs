using System.Text.Json;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// What a new run takes over from the memory of another: the results up to a step run. The copies are records of the new run with the same
/// sequences, so what names a step run by its sequence still does; a large result is referred to by both runs, and stays as long as either.
/// </summary>
internal sealed class Fork
{
    private readonly RunHistory _source;
    private readonly Invalidation _invalid;
    private readonly int _end;
    private readonly StepRunRecord? _changed;
    private readonly StoredValue? _result;

    /// <exception cref="FletcherUsageException">There is no such step run, or several fit, or the one with another result is not before the end.</exception>
    internal Fork(RunHistory source, ForkOptions options, JsonSerializerOptions json)
    {
        _source = source;
        _invalid = new Invalidation(source);
        _end = options.Before is { } before ? source.Select(before).Sequence : int.MaxValue;
        if (_end != int.MaxValue)
            EndBefore();
        if (options.Result is not { } given)
            return;

        _changed = source.Select(given.Step);
        if (_changed.Sequence >= _end)
        {
            throw new FletcherUsageException(
                "FLT1509", $"A result was given for {RunHistory.Show(_changed)}, but the fork's memory ends before step run {_end}. Give a result of an earlier one.");
        }

        _result = given.Value.ToStored(json, $"result of {RunHistory.Show(_changed)}");
        _invalid.ChangeResult(_changed);
    }

    /// <summary>The step runs that the fork starts with.</summary>
    internal IEnumerable<StepRunRecord> CopyTo(RunId run, string actor)
    {
        foreach (var step in _source.Steps)
        {
            if (step == _changed)
            {
                yield return step with
                {
                    RunId = run,
                    State = StepRunState.Completed,
                    Attempt = Math.Max(1, step.Attempt),
                    EndedAt = step.EndedAt ?? step.StartedAt,
                    NextAttemptAt = null,
                    Result = _result,
                    Error = null,
                    ChildRunId = null,
                    Superseded = false,
                    Reason = $"its result was given by {actor} when the run was forked from {_source.Run.Id}",
                };
            }
            else if (IsCopied(step))
            {
                yield return step with { RunId = run, Reason = step.Reason ?? $"copied from run {_source.Run.Id}" };
            }
            else if (IsOpened(step))
            {
                yield return step with
                {
                    RunId = run,
                    State = StepRunState.NotRun,
                    Attempt = 0,
                    StartedAt = null,
                    EndedAt = null,
                    NextAttemptAt = null,
                    Result = null,
                    Error = null,
                    ChildRunId = null,
                    Reason = WhyNot(step),
                };
            }
        }
    }

    internal async ValueTask<RunPlan> PlanAsync(IRunStore store, FlowPlan? flow, CancellationToken cancellationToken)
    {
        var planner = new Planner(store, cancellationToken);
        foreach (var step in _source.Steps)
        {
            if (step == _changed)
                planner.Add(step, PlannedAction.Reused, "its result is the one that was given");
            else if (step.Superseded)
                continue;
            else if (IsCopied(step))
                planner.Add(step, PlannedAction.Reused, $"its result is copied from run {_source.Run.Id}");
            else if (IsOpened(step))
                planner.Add(step, PlannedAction.RunsAgain, WhyNot(step));
            else
                await planner.AddAnewAsync(step, WhyNot(step)).ConfigureAwait(false);
        }

        planner.AddUnreached(_source.Run.Id, flow);
        return planner.End(_source.Run);
    }

    /// <summary>A step that called what is not copied has made its result of that, so it runs too.</summary>
    private void EndBefore()
    {
        foreach (var step in _source.Steps)
        {
            if (step.Sequence >= _end && step.ParentSequence != 0 && step.ParentSequence < _end && _invalid.WhyAgain(step.ParentSequence) is null)
                _invalid.Open(step.ParentSequence, $"{RunHistory.Show(step)} inside it is behind the end of the memory");
        }
    }

    private bool IsCopied(StepRunRecord step) =>
        step is { Superseded: false, Undoes: 0 } && step.Sequence < _end && step.State.HasResult() && _invalid.WhyAgain(step.Sequence) is null;

    // What was done inside a step that runs names it, so its number must be there.
    private bool IsOpened(StepRunRecord step) =>
        step.Sequence < _end && !step.Superseded && !_invalid.Discarded.ContainsKey(step.Sequence) && _source.InsideOf(step.Sequence).Any(inside => inside < _end);

    private string WhyNot(StepRunRecord step) =>
        step.Sequence == _end ? "the memory ends before it"
        : step.Sequence > _end ? $"it is behind {RunHistory.Show(_source.Find(_end)!)}, before which the memory ends"
        : _invalid.WhyAgain(step.Sequence) ?? $"it has no result to copy ({step.State})";
}
