using Fletcher.Model.Tests.Exploring;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>What must hold of what hosts have in memory, start and commit.</summary>
internal sealed partial class Properties
{
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
}
