using Fletcher.Model.Tests.Exploring;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>
/// What a host does, one instruction at a time: between any two of these methods the process can be killed, or stall while
/// everybody else goes on. Here: the body of a run. Each method says first when it can happen, then what it does.
/// </summary>
internal sealed partial class HostActions(Scenario scenario, FlowProgram[] programs, StoreTransactions store)
{
    private readonly Mutation _mutation = scenario.Mutation;

    internal void Of(Moves moves, int host)
    {
        if (moves.Now.Host(host).IsAlive == 0)
            return;

        Commit(moves, host);
        Answered(moves, host);
        ReadMessages(moves, host);
        GiveMessages(moves, host);
        for (var run = 0; run < programs.Length; run++)
        {
            Create(moves, host, run);
            Look(moves, host, run);
            Claim(moves, host, run);
            AdoptOrphan(moves, host, run);
            DeclareDead(moves, host, run);
            Register(moves, host, run);
            Load(moves, host, run);
            NoticeLostLease(moves, host, run);
            Drop(moves, host, run);
            for (var step = 0; step < programs[run].Count; step++)
                OfStep(moves, host, run, step);
            Complete(moves, host, run);
            Fail(moves, host, run);
            Cancel(moves, host, run);
            Park(moves, host, run);
            HandOver(moves, host, run);
        }
    }

    private void OfStep(Moves moves, int host, int run, int step)
    {
        switch (programs[run].Kind(step))
        {
            case StepKind.ReadOnly:
                Read(moves, host, run, step);
                break;
            case StepKind.AtLeastOnce:
                Begin(moves, host, run, step);
                Effect(moves, host, run, step);
                RecordEnd(moves, host, run, step);
                break;
            case StepKind.AtMostOnce:
                RecordStart(moves, host, run, step);
                Begin(moves, host, run, step);
                Effect(moves, host, run, step);
                RecordEnd(moves, host, run, step);
                break;
            case StepKind.Wait:
                TakeSignal(moves, host, run, step);
                RecordTaken(moves, host, run, step);
                break;
            case StepKind.WaitUntil:
                TakeSignal(moves, host, run, step);
                EndWait(moves, host, run, step, FlowProgram.TimedOut, "{0}: the time limit of wait {2} of run {1} is over");
                break;
            case StepKind.Sleep:
                EndWait(moves, host, run, step, 1, "{0}: sleep {2} of run {1} is over");
                break;
        }
    }

    /// <summary>A step without effects waits for nothing: its record rides along.</summary>
    private void Read(Moves moves, int host, int run, int step)
    {
        if (!IsNext(moves.Now, host, run, step))
            return;
        var next = moves.Change();
        EndStep(next, host, run, step);
        moves.Add(new Move("{0}: read-only step {2} of run {1} runs", host, run, step), next);
    }

    private void RecordStart(Moves moves, int host, int run, int step)
    {
        if (!IsNext(moves.Now, host, run, step))
            return;
        var next = moves.Change();
        var execution = next.Host(host).Execution(run);
        execution.Step(step).Phase = StepPhase.Starting;
        next.Host(host).Add(RecordKind.StepRunning, run, execution.Fence, step);
        moves.Add(new Move("{0}: gives the writer the Running record of at-most-once step {2} of run {1}", host, run, step), next);
    }

    /// <summary>
    /// The output commit: what the step could have seen is committed, its own start too if it is at-most-once, and the lease is
    /// not known to be lost. After this look the step is on its way, whatever happens to the lease.
    /// </summary>
    private void Begin(Moves moves, int host, int run, int step)
    {
        var execution = moves.Now.Host(host).Execution(run);
        var ready = programs[run].Kind(step) == StepKind.AtMostOnce ? StepPhase.Starting : StepPhase.None;
        if (execution.Step(step).Phase != ready || !IsReached(execution, run, step) || !SeenIsCommitted(moves.Now, host, run, step))
            return;
        var next = moves.Change();
        next.Host(host).Execution(run).Step(step).Phase = StepPhase.Begun;
        moves.Add(new Move("{0}: step {2} of run {1} begins", host, run, step), next);
    }

    /// <summary>The world changes. Nothing is asked here: the code is already running.</summary>
    private static void Effect(Moves moves, int host, int run, int step)
    {
        if (moves.Now.Host(host).Execution(run).Step(step).Phase != StepPhase.Begun)
            return;
        var next = moves.Change();
        next.Host(host).Execution(run).Step(step).Phase = StepPhase.Done;
        next.Run(run).Step(step).Effects++;
        moves.Add(new Move("{0}: the effect of step {2} of run {1} happens", host, run, step), next);
    }

    private void RecordEnd(Moves moves, int host, int run, int step)
    {
        var execution = moves.Now.Host(host).Execution(run);
        if (execution.Step(step).Phase != StepPhase.Done || execution.Phase != ExecutionPhase.Running || execution.IsLost != 0)
            return;
        var next = moves.Change();
        EndStep(next, host, run, step);
        moves.Add(new Move("{0}: gives the writer the end of step {2} of run {1}", host, run, step), next);
    }

    /// <summary>A wait takes the first message of its name. Its end and the mark on the message are one record.</summary>
    private void TakeSignal(Moves moves, int host, int run, int step)
    {
        if (!IsNext(moves.Now, host, run, step) || FirstSignal(moves.Now, host, run, step) is not (> 0 and var number))
            return;
        var next = moves.Change();
        var execution = next.Host(host).Execution(run);
        execution.Step(step).End((byte)number);
        execution.Inbox &= (byte)~(1 << (number - 1));
        next.Host(host).Add(RecordKind.WaitCompleted, run, execution.Fence, step, number);
        moves.Add(new Move($"{{0}}: wait {{2}} of run {{1}} takes message {number}", host, run, step), next);
    }

    /// <summary>Of the mutation only: the mark follows in a record of its own.</summary>
    private void RecordTaken(Moves moves, int host, int run, int step)
    {
        var execution = moves.Now.Host(host).Execution(run);
        if (_mutation != Mutation.TakenMarkComesLater || !execution.CanGoOn || execution.Step(step).Phase != StepPhase.Ended
            || moves.Now.Message(execution.Step(step).Value).TakenBy != 0)
        {
            return;
        }

        var next = moves.Change();
        next.Host(host).Add(RecordKind.TakenMark, run, execution.Fence, step, execution.Step(step).Value);
        moves.Add(new Move("{0}: gives the writer the mark on the message of wait {2} of run {1}", host, run, step), next);
    }

    private void EndWait(Moves moves, int host, int run, int step, byte value, string text)
    {
        if (!IsNext(moves.Now, host, run, step))
            return;
        var next = moves.Change();
        var execution = next.Host(host).Execution(run);
        execution.Step(step).End(value);
        next.Host(host).Add(RecordKind.StepCompleted, run, execution.Fence, step, value);
        moves.Add(new Move(text, host, run, step), next);
    }

    private void Complete(Moves moves, int host, int run)
    {
        var execution = moves.Now.Host(host).Execution(run);
        if (execution.CanGoOn && All(run, step => execution.Step(step).Phase == StepPhase.Ended))
            Leave(moves, host, run, ExecutionPhase.Ending, RecordKind.RunCompleted, "{0}: gives the writer the end of run {1}: completed");
    }

    /// <summary>Nobody knows whether the effect of a step happened: a person must say. The steps beside it end first.</summary>
    private void Fail(Moves moves, int host, int run)
    {
        var execution = moves.Now.Host(host).Execution(run);
        if (execution.CanGoOn && Any(run, step => execution.Step(step).Phase == StepPhase.Unknown) && !Any(run, step => execution.Step(step).IsInFlight))
            Leave(moves, host, run, ExecutionPhase.Ending, RecordKind.RunFailed, "{0}: gives the writer the end of run {1}: failed, because a step is Unknown");
    }

    /// <summary>Steps that ignore their token are left behind.</summary>
    private static void Cancel(Moves moves, int host, int run)
    {
        var execution = moves.Now.Host(host).Execution(run);
        if (execution.Phase == ExecutionPhase.Running && execution.IsCancelled != 0 && execution.IsLost == 0)
            Leave(moves, host, run, ExecutionPhase.Ending, RecordKind.RunCancelled, "{0}: gives the writer the end of run {1}: cancelled");
    }

    /// <summary>All that the run does is wait, and nothing that it waits for is in its inbox.</summary>
    private void Park(Moves moves, int host, int run)
    {
        var execution = moves.Now.Host(host).Execution(run);
        var program = programs[run];
        var now = moves.Now;
        bool IsAtWork(int step) => execution.Step(step).Phase != StepPhase.Ended && IsReached(execution, run, step)
            && (!program.IsWait(step) || FirstSignal(now, host, run, step) > 0);
        if (!execution.CanGoOn || Any(run, IsAtWork) || All(run, step => execution.Step(step).Phase == StepPhase.Ended))
            return;

        var hasTime = Any(run, step => execution.Step(step).Phase != StepPhase.Ended && IsReached(execution, run, step)
            && program.Kind(step) != StepKind.Wait);
        if (hasTime && now.TimedParks == 0)
            return;
        Leave(moves, host, run, ExecutionPhase.Parking, hasTime ? RecordKind.ParkUntil : RecordKind.Park, "{0}: gives the writer the record that parks run {1}");
    }

    /// <summary>The host shuts down. Steps that did not end within the grace time are left behind.</summary>
    private void HandOver(Moves moves, int host, int run)
    {
        if (moves.Now.HandOvers > 0 && moves.Now.Host(host).Execution(run).CanGoOn)
            Leave(moves, host, run, ExecutionPhase.Parking, RecordKind.HandOver, "{0}: shuts down and gives the writer the record that hands over run {1}");
    }

    /// <summary>
    /// The run's last record. The execution is frozen from here on, because after this record the row is nobody's, and the fence
    /// would not stop what came after it. What the run has seen is told as it is now.
    /// </summary>
    private static void Leave(Moves moves, int host, int run, ExecutionPhase phase, RecordKind kind, string text)
    {
        var next = moves.Change();
        var execution = next.Host(host).Execution(run);
        execution.Phase = phase;
        next.Host(host).Add(kind, run, execution.Fence, value: execution.Seen);
        if (kind == RecordKind.HandOver)
            next.HandOvers--;
        else if (kind == RecordKind.ParkUntil)
            next.TimedParks--;
        moves.Add(new Move(text, host, run), next);
    }

    private void EndStep(State next, int host, int run, int step)
    {
        var execution = next.Host(host).Execution(run);
        var value = programs[run].ValueOf(step, seen => execution.Step(seen).Value);
        execution.Step(step).End(value);
        next.Host(host).Add(RecordKind.StepCompleted, run, execution.Fence, step, value);
    }

    private bool IsNext(State now, int host, int run, int step)
    {
        var execution = now.Host(host).Execution(run);
        return execution.Step(step).Phase == StepPhase.None && IsReached(execution, run, step);
    }

    /// <summary>The body is at this step: all before it have ended, and the run goes on.</summary>
    private bool IsReached(Execution execution, int run, int step)
    {
        var goesOn = execution.CanGoOn
            || (_mutation == Mutation.LostLeaseIsIgnored && execution.Phase == ExecutionPhase.Running)
            || (_mutation == Mutation.RunsOnWhileParking && execution.Phase == ExecutionPhase.Parking);
        return goesOn && All(run, before => programs[run].Stage(before) >= programs[run].Stage(step) || execution.Step(before).Phase == StepPhase.Ended);
    }

    private bool SeenIsCommitted(State now, int host, int run, int step)
    {
        var memory = now.Host(host);
        for (var i = 0; i < memory.PendingCount; i++)
        {
            var record = memory.Pending(i);
            if (record.Run != run || record.Fence != memory.Execution(run).Fence)
                continue;
            if (record.Kind == RecordKind.Create || programs[run].Stage(record.Step) < programs[run].Stage(step))
                return false;
            if (record.Kind == RecordKind.StepRunning && record.Step == step && _mutation != Mutation.StartIsNotWaitedFor)
                return false;
        }

        return true;
    }

    /// <summary>The first message that the wait can take; 0 if there is none.</summary>
    private int FirstSignal(State now, int host, int run, int step)
    {
        var execution = now.Host(host).Execution(run);
        for (var number = 1; number <= now.LastMessage; number++)
        {
            if (execution.HasInInbox(number) && programs[run].TakesSignal(step, scenario.NameOf(now.Message(number).Key)))
                return number;
        }

        return 0;
    }

    private bool All(int run, Predicate<int> holds) => !Any(run, step => !holds(step));

    private bool Any(int run, Predicate<int> holds)
    {
        for (var step = 0; step < programs[run].Count; step++)
        {
            if (holds(step))
                return true;
        }

        return false;
    }
}
