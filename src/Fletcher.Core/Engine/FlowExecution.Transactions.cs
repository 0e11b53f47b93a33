using Fletcher.Model;

namespace Fletcher.Engine;

/// <summary>The transactions in a flow run: which are open, what runs in them, and which have failed.</summary>
internal abstract partial class FlowExecution
{
    private Dictionary<int, int>? _transactions; // each with the one around it, 0 for none
    private List<(TransactionStep Step, StepRunRecord Record)>? _failedTransactions;
    private int _strands;
    private int _heldStrands;

    /// <summary>Keeps that a transaction has failed, until whatever is around it is tried anew.</summary>
    internal void NoteFailedTransaction(TransactionStep step, StepRunRecord record)
    {
        lock (_gate)
            (_failedTransactions ??= []).Add((step, record));
    }

    /// <summary>The records that let the run forget the failures of transactions inside a step that is tried anew, or of all when it is the body.</summary>
    internal IReadOnlyList<StepRunRecord> TakeFailedTransactions(StepExecution? inside)
    {
        lock (_gate)
        {
            if (_failedTransactions is null)
                return [];
            var taken = _failedTransactions.FindAll(failed => IsInside(failed.Step, inside));
            _failedTransactions.RemoveAll(failed => IsInside(failed.Step, inside));
            return taken.ConvertAll(failed => FailedTransactions.Forgotten(failed.Record));
        }
    }

    /// <summary>Returns when the steps inside a transaction have ended.</summary>
    internal Task WhenEmptyAsync(TransactionStep transaction)
    {
        lock (_gate)
        {
            if (transaction.StepsInside == 0)
                return Task.CompletedTask;
            transaction.WhenEmpty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return transaction.WhenEmpty.Task;
        }
    }

    /// <summary>A failure of a step inside a transaction that no code has seen.</summary>
    internal Exception? FindUnhandled(TransactionStep transaction)
    {
        lock (_gate)
            return _failed?.Where(step => IsInside(step, transaction)).Select(Unobserved).FirstOrDefault(error => error is not null);
    }

    /// <summary>Takes in the strand of a transaction; called under the lock.</summary>
    private void EnterStrand(TransactionStep transaction)
    {
        _strands++;
        transaction.IsOpen = true;
    }

    private void LeaveStrand(TransactionStep transaction)
    {
        lock (_gate)
        {
            if (!transaction.IsOpen)
                return;
            transaction.IsOpen = false;
            _strands--;
            if (_running.Count == 0 && _strands == 0)
                _quiet?.TrySetResult();
        }
    }

    /// <summary>Counts a step that enters or leaves, in every transaction around it. Called under the lock.</summary>
    private static void CountInside(StepExecution step, int change)
    {
        for (var around = step.Caller.Transaction; around is not null; around = around.Outer)
        {
            around.StepsInside += change;
            if (around.StepsInside == 0)
                around.WhenEmpty?.TrySetResult();
        }
    }

    private static bool IsInside(StepExecution step, TransactionStep transaction)
    {
        for (var around = step.Caller.Transaction; around is not null; around = around.Outer)
        {
            if (around == transaction)
                return true;
        }

        return false;
    }

    private static bool IsInside(StepExecution step, StepExecution? outer)
    {
        if (outer is null)
            return true;
        for (var around = step.Caller.Step; around is not null; around = around.Caller.Step)
        {
            if (around == outer)
                return true;
        }

        return false;
    }

    /// <summary>Says which transaction is inside which, once it has its number.</summary>
    internal void NoteTransaction(TransactionStep transaction)
    {
        lock (_gate)
            (_transactions ??= [])[transaction.Sequence] = transaction.Outer?.Sequence ?? 0;
    }

    /// <summary>Whether something in the run or its sub-flows is being undone: that is waited for, however long it takes. Called under the lock.</summary>
    private bool IsUndoingInside()
    {
        if (_undoings > 0)
            return true;
        for (var step = _running.Newest; step is not null; step = step.Older)
        {
            if (step.Inside?.IsUndoingInside() == true)
                return true;
        }

        return false;
    }
}
