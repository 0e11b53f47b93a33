using Fletcher.Model.Tests.Exploring;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>What must hold when a run ends.</summary>
internal sealed partial class Properties
{
    private Violation? CheckEnd(State before, State after, int run)
    {
        var row = after.Run(run);
        if (!row.HasEnded || before.Run(run).HasEnded)
            return null;
        return row.State switch
        {
            RunState.Cancelled when row.IsCancelAsked == 0 => new(SameResults, $"run {run} is cancelled, and nobody asked"),
            RunState.Failed when row.Crashes <= scenario.DeathBudget && !HasUnknown(row, run) => new(SameResults, $"run {run} failed for no reason"),
            RunState.Completed => CheckResults(row, run),
            _ => null,
        };
    }

    private Violation? CheckResults(StoredRun row, int run)
    {
        var program = programs[run];
        for (var i = 0; i < program.Count; i++)
        {
            if (row.Step(i).State != StoredStepState.Completed)
                return new(SameResults, $"run {run} is completed without a result of step {i}");
            var isRight = program.Kind(i) is StepKind.AtLeastOnce or StepKind.AtMostOnce or StepKind.ReadOnly
                ? row.Step(i).Value == program.ValueOf(i, seen => row.Step(seen).Value)
                : IsFirstOfItsName(row, run, i);
            if (!isRight)
                return new(SameResults, $"step {i} of run {run} ended with {row.Step(i).Value}, which is not what it gives without trouble");
            if (program.Kind(i) is StepKind.AtLeastOnce or StepKind.AtMostOnce && row.Step(i).Effects == 0)
                return new(SameResults, $"run {run} is completed, and the effect of step {i} never happened");
        }

        return null;
    }

    /// <summary>Waits of one name take the messages in the order in which they were sent.</summary>
    private bool IsFirstOfItsName(StoredRun row, int run, int step)
    {
        var program = programs[run];
        for (var i = 0; i < step; i++)
        {
            if (program.Stage(i) < program.Stage(step) && program.TakesSignal(i, program.Signal(step)) && row.Step(i).Value != FlowProgram.TimedOut
                && row.Step(i).Value >= row.Step(step).Value)
            {
                return false;
            }
        }

        return true;
    }

    private bool HasUnknown(StoredRun row, int run)
    {
        for (var i = 0; i < programs[run].Count; i++)
        {
            if (row.Step(i).State == StoredStepState.Unknown)
                return true;
        }

        return false;
    }
}
