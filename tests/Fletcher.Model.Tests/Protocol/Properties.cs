using Fletcher.Model.Tests.Exploring;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>
/// What must hold in every state and for every step from one to the next. They read the states only, and do not ask which action
/// it was. That every run ends, and that there is no deadlock, the explorer sees in the graph.
/// </summary>
internal sealed class Properties(Scenario scenario, FlowProgram[] programs)
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

    private Violation? CheckHosts(State before, State after)
    {
        for (var host = 0; host < scenario.Hosts; host++)
        {
            for (var run = 0; run < programs.Length; run++)
            {
                if ((CheckExecution(after, host, run) ?? CheckStarts(before, after, host, run)) is { } broken)
                    return broken;
            }

            if (before.Host(host).Answer == WriterAnswer.None && after.Host(host).Answer == WriterAnswer.Committed && CheckCommit(before, after, host) is { } wrong)
                return wrong;
        }

        return null;
    }

    private Violation? CheckExecution(State after, int host, int run)
    {
        var execution = after.Host(host).Execution(run);
        if (execution.Phase == ExecutionPhase.None)
            return null;
        for (var other = host + 1; other < scenario.Hosts; other++)
        {
            if (after.Host(other).Execution(run) is { Phase: not ExecutionPhase.None } same && same.Fence == execution.Fence)
                return new(OneHolder, $"two hosts have run {run} at fence {execution.Fence}");
        }

        for (var number = execution.Seen + 1; number <= after.Host(host).LastRead && execution.Phase == ExecutionPhase.Running; number++)
        {
            if (after.Message(number) is { IsVisible: true, TakenBy: 0 } message && scenario.RunOf(message.Key) == run)
                return new(NoLostWakeUp, $"the inbox of the host that has run {run} went past message {number} without giving it");
        }

        var row = after.Run(run);
        return row.Fence == execution.Fence && row.Host != 0 && row.Host != host + 1
            ? new(OneHolder, $"a host has run {run} at fence {execution.Fence}, at which the row names another")
            : null;
    }

    private Violation? CheckStarts(State before, State after, int host, int run)
    {
        var (old, execution) = (before.Host(host).Execution(run), after.Host(host).Execution(run));
        if (old.Phase < ExecutionPhase.Running || execution.Phase == ExecutionPhase.None)
            return null;
        for (var i = 0; i < programs[run].Count; i++)
        {
            var (was, now) = (old.Step(i).Phase, execution.Step(i).Phase);
            var begins = now == StepPhase.Begun && was != StepPhase.Begun;
            if (!begins && !(was == StepPhase.None && now != StepPhase.None))
                continue;

            var row = before.Run(run);
            if (old.IsLost != 0)
                return new(NothingStartsOnceLost, $"step {i} of run {run} starts on a host that knows that it lost the run");
            if (row.State != RunState.None && row.Fence == old.Fence && row.Host != host + 1)
                return new(NothingStartsUnheld, $"step {i} of run {run} starts, and the run is {row.State}");
            if (row.Step(i).State == StoredStepState.Completed && row.Step(i).Fence <= old.Fence)
                return new(NotRunAgain, $"step {i} of run {run} starts, and its result is committed");
            if (begins && !IsOutputCommitted(row, old, run, i))
                return new(OutputCommit, $"step {i} of run {run} begins before all that it saw is committed");
        }

        return null;
    }

    private bool IsOutputCommitted(StoredRun row, Execution execution, int run, int step)
    {
        if (row.State == RunState.None)
            return false;
        for (var i = 0; i < programs[run].Count; i++)
        {
            if (programs[run].Stage(i) < programs[run].Stage(step)
                && (row.Step(i).State != StoredStepState.Completed || row.Step(i).Value != execution.Step(i).Value))
            {
                return false;
            }
        }

        return programs[run].Kind(step) != StepKind.AtMostOnce || row.Step(step).State != StoredStepState.None;
    }

    private Violation? CheckCommit(State before, State after, int host)
    {
        for (var run = 0; run < programs.Length; run++)
        {
            var row = before.Run(run);
            if (row.State == RunState.None || !IsChanged(before, after, run))
                continue;
            if (row.Host != host + 1)
                return new(OnlyTheHolderWrites, $"run {run} was changed by a host that does not hold it");
            for (var i = 0; i < after.Host(host).AnswerCount; i++)
            {
                var record = after.Host(host).Pending(i);
                if (record.Run == run && record.Fence != row.Fence)
                    return new(OnlyTheHolderWrites, $"run {run} at fence {row.Fence} was changed under fence {record.Fence}");
            }
        }

        return null;
    }

    private bool IsChanged(State before, State after, int run)
    {
        var bytes = before.Layout.RunAt(run)..before.Layout.RunAt(run + 1);
        if (!before.Bytes.AsSpan(bytes).SequenceEqual(after.Bytes.AsSpan(bytes)))
            return true;
        for (var number = 1; number <= after.Layout.Messages; number++)
        {
            var message = after.Message(number);
            if (message.Key != 0 && scenario.RunOf(message.Key) == run && message.TakenBy != before.Message(number).TakenBy)
                return true;
        }

        return false;
    }

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
