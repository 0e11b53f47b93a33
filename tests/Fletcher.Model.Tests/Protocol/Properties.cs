using Fletcher.Model.Tests.Exploring;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>
/// What must hold in every state and for every step from one to the next. They read the states only, and do not ask which action
/// it was. That every run ends, and that there is no deadlock, the explorer sees in the graph.
/// </summary>
internal sealed partial class Properties(Scenario scenario, FlowProgram[] programs)
{
    /// <summary>A committed result is never lost and never changed. What became Unknown changes only if somebody asked.</summary>
    internal const string ResultsAreKept = nameof(ResultsAreKept);

    /// <summary>No step begins under a lease when its result was committed under the same lease or an older one.</summary>
    internal const string NotRunAgain = nameof(NotRunAgain);

    /// <summary>The effect of an at-most-once step happens once at most, and once more for each time that somebody asked.</summary>
    internal const string AtMostOnce = nameof(AtMostOnce);

    /// <summary>No two hosts have a run at the same fence; and the one that has it at the row's fence is the one in the row.</summary>
    internal const string OneHolder = nameof(OneHolder);

    /// <summary>A commit changes a run only if the row names the committing host and the fence of its records.</summary>
    internal const string OnlyTheHolderWrites = nameof(OnlyTheHolderWrites);

    /// <summary>A message is taken by one wait, and a wait ends with one message, which is marked in the same moment.</summary>
    internal const string OneSignalOneWait = nameof(OneSignalOneWait);

    /// <summary>
    /// A parked run that has something to do has a time to be woken; and a run that a host has is given every message that the
    /// host's inbox has gone past.
    /// </summary>
    internal const string NoLostWakeUp = nameof(NoLostWakeUp);

    /// <summary>Nothing starts under a run that is not held at this fence any more: it ended, was parked, handed over, or taken away.</summary>
    internal const string NothingStartsUnheld = nameof(NothingStartsUnheld);

    /// <summary>Nothing starts on a host that knows that the lease is lost.</summary>
    internal const string NothingStartsOnceLost = nameof(NothingStartsOnceLost);

    /// <summary>An ended run stays as it ended, unless somebody asks for it.</summary>
    internal const string EndsAreFinal = nameof(EndsAreFinal);

    /// <summary>Only a run that a host holds loses its host: the budget for deaths counts nothing else.</summary>
    internal const string DeathIsOfAHolder = nameof(DeathIsOfAHolder);

    /// <summary>Each time that an open run is taken from a host, that counts as a death; with more than the budget it has failed.</summary>
    internal const string DeathsAreCounted = nameof(DeathsAreCounted);

    /// <summary>When an effect begins, all that it could have seen is in the store, and its own start if it is at-most-once.</summary>
    internal const string OutputCommit = nameof(OutputCommit);

    /// <summary>A run ends as it would have without trouble, or says why it could not.</summary>
    internal const string SameResults = nameof(SameResults);

    internal Violation? Check(State before, State after)
    {
        if (scenario.Window != Window.None)
            return CheckWindow(before, after);

        for (var run = 0; run < programs.Length; run++)
        {
            if ((CheckRow(before, after, run) ?? CheckSteps(before, after, run) ?? CheckWaits(after, run) ?? CheckWakeUp(after, run) ?? CheckEnd(before, after, run)) is { } broken)
                return broken;
        }

        return CheckMessages(before, after) ?? CheckHosts(before, after);
    }

    /// <summary>Asks for a way into a window that is known to be open: docs/protocol.md tells of it.</summary>
    private Violation? CheckWindow(State before, State after)
    {
        for (var run = 0; run < programs.Length; run++)
        {
            for (var i = 0; i < programs[run].Count; i++)
            {
                var (row, step) = (before.Run(run), before.Run(run).Step(i));
                var isOpen = after.Run(run).Step(i).Effects > step.Effects && scenario.Window switch
                {
                    Window.EffectAfterItsResult => step.State == StoredStepState.Completed,
                    Window.EffectAfterTheEnd => row.HasEnded,
                    Window.EffectAfterUnknown => step.State == StoredStepState.Unknown,
                    Window.TwiceWhenAsked => programs[run].Kind(i) == StepKind.AtMostOnce && step.Effects > 0,
                    _ => false,
                };
                if (isOpen)
                    return new(scenario.Window.ToString(), $"the effect of step {i} of run {run} happens");
            }
        }

        return null;
    }

    private Violation? CheckRow(State before, State after, int run)
    {
        var (old, row) = (before.Run(run), after.Run(run));
        if (old.HasEnded && row.State != old.State && row.Asks == old.Asks)
            return new(EndsAreFinal, $"run {run} was {old.State} and is {row.State}, and nobody asked");
        if (row.Crashes > old.Crashes && old.Host == 0)
            return new(DeathIsOfAHolder, $"run {run} was {old.State} and had no host that could die");
        if (old.IsOpen && old.Host != 0 && row.Fence > old.Fence && row.Host != old.Host && row.Crashes == old.Crashes)
            return new(DeathsAreCounted, $"run {run} was taken from a host, and still has {row.Crashes} deaths");
        if (row.IsOpen && row.Crashes > scenario.DeathBudget)
            return new(DeathsAreCounted, $"run {run} goes on after {row.Crashes} deaths");
        if (row.Fence < old.Fence)
            return new(OnlyTheHolderWrites, $"the fence of run {run} went from {old.Fence} back to {row.Fence}");
        return null;
    }

    private Violation? CheckSteps(State before, State after, int run)
    {
        for (var i = 0; i < programs[run].Count; i++)
        {
            var (old, step) = (before.Run(run).Step(i), after.Run(run).Step(i));
            var isKept = step.State == old.State && step.Value == old.Value;
            if (old.State == StoredStepState.Completed && !isKept)
                return new(ResultsAreKept, $"the result of step {i} of run {run} was {old.Value}; it is {step.State} {step.Value}");
            if (old.State == StoredStepState.Unknown && !isKept && after.Run(run).Asks == 0)
                return new(ResultsAreKept, $"step {i} of run {run} was Unknown and is {step.State}, and nobody asked");
            if (programs[run].Kind(i) == StepKind.AtMostOnce && step.Effects > 1 + after.Run(run).Asks)
                return new(AtMostOnce, $"the effect of step {i} of run {run} happened {step.Effects} times");
        }

        return null;
    }

    /// <summary>Every wait that ended has its message, which says so.</summary>
    private Violation? CheckWaits(State after, int run)
    {
        for (var i = 0; i < programs[run].Count; i++)
        {
            var step = after.Run(run).Step(i);
            var isOfSignal = programs[run].Kind(i) is StepKind.Wait or StepKind.WaitUntil && step.State == StoredStepState.Completed
                && step.Value != FlowProgram.TimedOut;
            if (isOfSignal && after.Message(step.Value).TakenBy != i + 1)
                return new(OneSignalOneWait, $"wait {i} of run {run} ended with message {step.Value}, which is not marked as taken by it");
        }

        return null;
    }

    private Violation? CheckMessages(State before, State after)
    {
        var takenKeys = 0;
        for (var number = 1; number <= after.Layout.Messages; number++)
        {
            var (old, message) = (before.Message(number), after.Message(number));
            if (old.TakenBy != 0 && message.TakenBy != old.TakenBy)
                return new(OneSignalOneWait, $"message {number} was taken by step {old.TakenBy - 1} and then by step {message.TakenBy - 1}");
            if (message.TakenBy == 0)
                continue;
            var step = after.Run(scenario.RunOf(message.Key)).Step(message.TakenBy - 1);
            if (step.State != StoredStepState.Completed || step.Value != number)
                return new(OneSignalOneWait, $"message {number} is marked as taken by wait {message.TakenBy - 1}, which did not end with it");
            if ((takenKeys & (1 << message.Key)) != 0)
                return new(OneSignalOneWait, $"the message of key {message.Key} was sent once more and taken twice");
            takenKeys |= 1 << message.Key;
        }

        return null;
    }

    private Violation? CheckWakeUp(State after, int run)
    {
        var row = after.Run(run);
        if (!row.IsOpen || row.Host != 0 || row.WakeAt != 0)
            return null;
        if (row.State != RunState.Waiting)
            return new(NoLostWakeUp, $"run {run} is {row.State} and nothing will wake it");

        for (var i = 0; i < programs[run].Count; i++)
        {
            if (!IsAwaited(row, run, i))
                continue;
            if (programs[run].Kind(i) is StepKind.Sleep or StepKind.WaitUntil)
                return new(NoLostWakeUp, $"step {i} of run {run} waits for a time, and nothing will wake it");
        }

        for (var number = 1; number <= after.LastMessage; number++)
        {
            var message = after.Message(number);
            if (!message.IsVisible || message.TakenBy != 0 || scenario.RunOf(message.Key) != run)
                continue;
            if (scenario.IsCancel(message.Key))
                return new(NoLostWakeUp, $"run {run} is parked, and its cancel will not wake it");
            for (var i = 0; i < programs[run].Count; i++)
            {
                if (IsAwaited(row, run, i) && programs[run].TakesSignal(i, scenario.NameOf(message.Key)))
                    return new(NoLostWakeUp, $"run {run} is parked for message {number}, which will not wake it");
            }
        }

        return null;
    }

    private bool IsAwaited(StoredRun row, int run, int step) =>
        row.Step(step).State == StoredStepState.None && programs[run].IsWait(step) && AreCompleted(row, run, programs[run].Stage(step));

    private bool AreCompleted(StoredRun row, int run, int beforeStage)
    {
        for (var i = 0; i < programs[run].Count; i++)
        {
            if (programs[run].Stage(i) < beforeStage && row.Step(i).State != StoredStepState.Completed)
                return false;
        }

        return true;
    }
}
