using Fletcher.Model.Tests.Exploring;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>The host's writer: one commit at a time, in order, all that is pending.</summary>
internal sealed partial class HostActions
{
    private void Commit(Moves moves, int host)
    {
        var writer = moves.Now.Host(host);
        if (writer.PendingCount == 0 || writer.Answer != WriterAnswer.None)
            return;
        var next = moves.Change();
        writer = next.Host(host);
        writer.AnswerCount = writer.PendingCount;
        if (_mutation == Mutation.WriterReorders)
            TakeNewestOnly(writer);
        else if (_mutation == Mutation.ParkHasSeenWhatWasOnlyRead)
            SayThatAllWasSeen(writer);

        var count = writer.AnswerCount;
        if (store.Commit(next, host))
        {
            writer.Answer = WriterAnswer.Committed;
            moves.Add(new Move($"{{0}}: commits {count} records", host), next);
        }
        else
        {
            writer.Answer = WriterAnswer.Refused;
            moves.Add(new Move("{0}: the store refuses the commit: a lease is lost", host), next);
        }
    }

    /// <summary>The host looks at the store's answer and tells those who wait for it.</summary>
    private void Answered(Moves moves, int host)
    {
        var answer = moves.Now.Host(host).Answer;
        if (answer == WriterAnswer.None)
            return;

        if (answer == WriterAnswer.Committed && moves.Now.Doubts > 0)
        {
            // The records stay first in line and are written again.
            var again = moves.Change();
            again.Doubts--;
            EndCommit(again.Host(host));
            moves.Add(new Move("{0}: its writer gets an error for a commit that is durable", host), again);
        }

        var next = moves.Change();
        if (answer == WriterAnswer.Committed)
            Committed(next.Host(host));
        else
            Refused(next.Host(host));
        EndCommit(next.Host(host));
        RestInbox(next.Host(host));
        moves.Add(new Move(answer == WriterAnswer.Committed ? "{0}: its writer tells that they are committed" : "{0}: its writer tells that the lease is lost", host), next);
    }

    private static void Committed(HostMemory host)
    {
        for (; host.AnswerCount > 0; host.AnswerCount--)
        {
            var record = host.Pending(0);
            var execution = host.Execution(record.Run);
            if (execution.Fence == record.Fence && IsLast(record.Kind))
                execution.Forget();
            host.RemovePending(0);
        }
    }

    private void Refused(HostMemory host)
    {
        for (var i = host.AnswerCount - 1; i >= 0; i--)
        {
            var record = host.Pending(i);
            if (record.IsRefused != 0)
                Lose(host, record.Run, record.Fence);
        }
    }

    /// <summary>The lease's records go, also those that were added meanwhile, and the run that had it stops.</summary>
    private void Lose(HostMemory host, byte run, byte fence)
    {
        for (var i = host.PendingCount - 1; i >= 0; i--)
        {
            if (host.Pending(i).Run != run || host.Pending(i).Fence != fence)
                continue;
            host.RemovePending(i);
            if (i < host.AnswerCount)
                host.AnswerCount--;
        }

        var execution = host.Execution(run);
        if (execution.Phase != ExecutionPhase.None && execution.Fence == fence && _mutation != Mutation.LostRecordCountsAsCommitted)
            execution.IsLost = 1;
    }

    private static void EndCommit(HostMemory host)
    {
        host.Answer = WriterAnswer.None;
        host.AnswerCount = 0;
    }

    private static bool IsLast(RecordKind kind) =>
        kind is RecordKind.Park or RecordKind.ParkUntil or RecordKind.HandOver or RecordKind.RunCompleted or RecordKind.RunFailed or RecordKind.RunCancelled;

    private static void TakeNewestOnly(HostMemory writer)
    {
        var newest = writer.Pending(writer.PendingCount - 1);
        var (kind, run, fence, step, value) = (newest.Kind, newest.Run, newest.Fence, newest.Step, newest.Value);
        for (var i = writer.PendingCount - 1; i > 0; i--)
        {
            var before = writer.Pending(i - 1);
            writer.Pending(i).Set(before.Kind, before.Run, before.Fence, before.Step, before.Value);
        }

        writer.Pending(0).Set(kind, run, fence, step, value);
        writer.AnswerCount = 1;
    }

    private static void SayThatAllWasSeen(HostMemory writer)
    {
        for (var i = 0; i < writer.PendingCount; i++)
        {
            var record = writer.Pending(i);
            if (record.Kind is RecordKind.Park or RecordKind.ParkUntil or RecordKind.HandOver)
                record.Value = Math.Max(record.Value, Math.Max(writer.LastRead, writer.ReadTo));
        }
    }
}
