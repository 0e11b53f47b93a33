namespace Fletcher.Model.Tests.Protocol;

/// <summary>The transactions of the store. Each happens at once, and is durable when it returns.</summary>
internal sealed class StoreTransactions(Scenario scenario)
{
    private readonly Mutation _mutation = scenario.Mutation;

    /// <summary>
    /// Takes a run if its row is still what the claimer saw. The fence alone does not say so: an owner parks and ends runs
    /// under the fence that it has. What may have changed at the same fence without harm is that the run was parked.
    /// </summary>
    internal bool TryClaim(State state, int host, int run, int expectedFence)
    {
        var row = state.Run(run);
        if (row.Fence != expectedFence || (row.HasEnded && _mutation != Mutation.ClaimComparesTheFenceOnly))
            return false;
        var isFromTheDead = row.Host != 0 && row.Host != host + 1;
        if (isFromTheDead && _mutation != Mutation.ClaimFromTheDeadIsNotCounted)
        {
            // The budget must count it, or a run that kills its hosts goes from one to the next for ever.
            if (row.Crashes >= scenario.DeathBudget)
                return false;
            row.Crashes++;
        }

        Hold(row, host, expectedFence + 1);
        return true;
    }

    /// <summary>Somebody asks to run a failed run again: a claim from an end, with a new budget for deaths.</summary>
    internal bool TryClaimFailed(State state, int host, int run)
    {
        var row = state.Run(run);
        if (row.State != RunState.Failed)
            return false;
        Hold(row, host, row.Fence + 1);
        row.Crashes = 0;
        row.Asks++;
        return true;
    }

    /// <summary>Takes a run away from a host that is thought to be dead, if a host still holds it.</summary>
    internal bool DeclareDead(State state, int run, int expectedFence)
    {
        var row = state.Run(run);
        var isHeld = row.IsOpen && row.Host != 0;
        if (row.Fence != expectedFence || (!isHeld && _mutation != Mutation.DeathComparesTheFenceOnly))
            return false;

        row.Crashes++;
        row.State = row.Crashes > scenario.DeathBudget ? RunState.Failed : RunState.Crashed;
        row.Host = 0;
        row.WakeAt = (byte)(row.State == RunState.Crashed ? 1 : 0);
        if (_mutation != Mutation.DeathDoesNotGrowTheFence)
            row.Fence++;
        return true;
    }

    /// <summary>
    /// Writes all that is pending, in order, or nothing if one of the leases is lost; then the records of the lost ones are marked.
    /// </summary>
    internal bool Commit(State state, int host)
    {
        var writer = state.Host(host);
        var isRefused = false;
        for (var i = 0; i < writer.AnswerCount && _mutation != Mutation.CommitDoesNotLookAtFences; i++)
        {
            var record = writer.Pending(i);
            if (record.Kind != RecordKind.Claim && state.Run(record.Run).Fence > FenceOf(writer, record))
            {
                record.IsRefused = 1;
                isRefused = true;
            }
        }

        if (isRefused)
            return false;
        for (var i = 0; i < writer.AnswerCount; i++)
            Write(state, host, writer.Pending(i));
        return true;
    }

    private int FenceOf(HostMemory writer, PendingRecord record)
    {
        int fence = record.Fence;
        for (var i = 0; i < writer.AnswerCount && _mutation == Mutation.BatchKnowsOneLeaseForEachRun; i++)
        {
            if (writer.Pending(i).Run == record.Run)
                fence = writer.Pending(i).Fence;
        }

        return fence;
    }

    /// <summary>
    /// Accepts a message and wakes its run if it is parked. The number comes from the same transaction, so that who has read
    /// number n has read all before it.
    /// </summary>
    internal void Send(State state, int key, int run, bool isCancel)
    {
        var row = state.Run(run);
        var number = NumberOf(state, key | 0x80);
        if (_mutation == Mutation.NumbersAreNotInOrderOfCommit && number == 0)
        {
            state.Message(FreeNumber(state)).Set(key, visible: false);
            return;
        }

        state.Message(number == 0 ? FreeNumber(state) : number).Set(key, visible: true);
        if (isCancel)
            row.IsCancelAsked = 1;
        if (row.State is RunState.Waiting or RunState.Queued && row.Host == 0)
            row.WakeAt = 1;
    }

    /// <summary>Whether the store has a message with this idempotency key.</summary>
    internal static bool Knows(State state, int key) => NumberOf(state, key) != 0;

    private static int NumberOf(State state, int key)
    {
        for (var number = 1; number <= state.Layout.Messages; number++)
        {
            var message = state.Message(number);
            if (message.Key == (key & 0x7f) && message.IsVisible == (key < 0x80))
                return number;
        }

        return 0;
    }

    private static int FreeNumber(State state)
    {
        var number = 1;
        while (state.Message(number).Key != 0)
            number++;
        return number;
    }

    private static void Hold(StoredRun row, int host, int fence)
    {
        row.State = RunState.Running;
        row.Host = (byte)(host + 1);
        row.Fence = (byte)fence;
        row.WakeAt = 0;
    }

    private void Write(State state, int host, PendingRecord record)
    {
        var row = state.Run(record.Run);
        switch (record.Kind)
        {
            case RecordKind.Create:
            case RecordKind.Claim:
                Hold(row, host, record.Fence);
                break;
            case RecordKind.StepRunning:
                WriteStep(row, record, StoredStepState.Running);
                break;
            case RecordKind.StepUnknown:
                WriteStep(row, record, StoredStepState.Unknown);
                break;
            case RecordKind.StepCompleted:
                WriteStep(row, record, StoredStepState.Completed);
                break;
            case RecordKind.WaitCompleted:
                WriteStep(row, record, StoredStepState.Completed);
                if (_mutation != Mutation.TakenMarkComesLater)
                    state.Message(record.Value).TakenBy = (byte)(record.Step + 1);
                break;
            case RecordKind.TakenMark:
                state.Message(record.Value).TakenBy = (byte)(record.Step + 1);
                break;
            case RecordKind.Park:
                Leave(state, record, RunState.Waiting, wakes: false);
                break;
            case RecordKind.ParkUntil:
                Leave(state, record, RunState.Waiting, wakes: true);
                break;
            case RecordKind.HandOver:
                Leave(state, record, RunState.Queued, wakes: true);
                break;
            case RecordKind.RunCompleted:
                Leave(state, record, RunState.Completed, wakes: false);
                break;
            case RecordKind.RunFailed:
                Leave(state, record, RunState.Failed, wakes: false);
                break;
            case RecordKind.RunCancelled:
                Leave(state, record, RunState.Cancelled, wakes: false);
                break;
            default:
                throw new InvalidOperationException($"'{record.Kind}' is not known.");
        }
    }

    private static void WriteStep(StoredRun row, PendingRecord record, StoredStepState state)
    {
        var step = row.Step(record.Step);
        step.State = state;
        step.Value = record.Value;
        step.Fence = record.Fence;
    }

    /// <summary>The owner lets go of the run, under the fence that it has.</summary>
    private void Leave(State state, PendingRecord record, RunState left, bool wakes)
    {
        var row = state.Run(record.Run);
        row.State = left;
        row.Host = 0;
        row.WakeAt = (byte)(wakes ? 1 : 0);
        if (row.HasEnded)
            return;

        row.LastMessageSeen = record.Value;
        if (_mutation != Mutation.ParkDoesNotLookAtMessages && HasMessageAfter(state, record.Run, record.Value))
            row.WakeAt = 1;
    }

    private bool HasMessageAfter(State state, int run, int seen)
    {
        for (var number = seen + 1; number <= state.LastMessage; number++)
        {
            if (state.Message(number).IsVisible && scenario.RunOf(state.Message(number).Key) == run)
                return true;
        }

        return false;
    }
}
