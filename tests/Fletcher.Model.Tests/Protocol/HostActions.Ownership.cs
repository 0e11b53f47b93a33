using System.Numerics;
using Fletcher.Model.Tests.Exploring;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>How a host comes to have a run, and how it loses it.</summary>
internal sealed partial class HostActions
{
    /// <summary>The run's row is a record like any other: the first effect waits for it.</summary>
    private static void Create(Moves moves, int host, int run)
    {
        if (moves.Now.Run(run).IsCalled != 0)
            return;
        var next = moves.Change();
        next.Run(run).IsCalled = 1;
        var execution = next.Host(host).Execution(run);
        execution.Phase = ExecutionPhase.Running;
        execution.Fence = 1;
        next.Host(host).Add(RecordKind.Create, run, fence: 1);
        moves.Add(new Move("{0}: run {1} is called; gives the writer its first record", host, run), next);
    }

    /// <summary>A host reads a row and finds that the run can be claimed, or that its host seems to be dead.</summary>
    private void Look(Moves moves, int host, int run)
    {
        var row = moves.Now.Run(run);
        if (!scenario.StaleLooks || moves.Now.Host(host).Execution(run) is not { Phase: ExecutionPhase.None, Looked: 0 })
            return;
        if (!IsDue(row) && !SeemsDead(moves.Now, host, run))
            return;
        var next = moves.Change();
        next.Host(host).Execution(run).Looked = row.Fence;
        if (!IsDue(row))
        {
            next.Host(host).Execution(run).Suspects = 1;
            SuspectOwner(next, run);
        }

        moves.Add(new Move(IsDue(row) ? "{0}: sees that run {1} is due" : "{0}: thinks that the host of run {1} is dead", host, run), next);
    }

    /// <summary>The claim of a run that is due, or, straight away, of one whose host seems to be dead.</summary>
    private void Claim(Moves moves, int host, int run)
    {
        var now = moves.Now;
        var execution = now.Host(host).Execution(run);
        var expected = scenario.StaleLooks ? execution.Looked : now.Run(run).Fence;
        var mayClaim = scenario.StaleLooks ? execution.Looked != 0 : IsDue(now.Run(run)) || SeemsDead(now, host, run);
        if (execution.Phase != ExecutionPhase.None || !mayClaim)
            return;

        var next = moves.Change();
        if (!scenario.StaleLooks && !IsDue(now.Run(run)))
            SuspectOwner(next, run);
        if (_mutation == Mutation.ClaimGoesThroughTheWriter)
        {
            next.Host(host).Add(RecordKind.Claim, run, expected + 1);
            TakeIn(next, host, run, expected + 1, ExecutionPhase.Claimed);
            moves.Add(new Move("{0}: gives the writer a record that claims run {1}, and has it", host, run), next);
            return;
        }

        next.Host(host).Execution(run).Forget();
        if (!store.TryClaim(next, host, run, expected))
        {
            moves.Add(new Move("{0}: comes too late to claim run {1}", host, run), next);
            return;
        }

        if (next.Doubts > 0)
        {
            var doubtful = next.Copy();
            doubtful.Doubts--;
            moves.Add(new Move("{0}: claims run {1}; it is durable, but the host gets an error", host, run), doubtful);
        }

        TakeIn(next, host, run, expected + 1, ExecutionPhase.Claimed);
        moves.Add(new Move("{0}: claims run {1}", host, run), next);
    }

    /// <summary>
    /// A row names this host, which does not have the run: it got an error for a claim that is durable, or failed after it.
    /// Nobody else would ever take the run, since the host lives. It claims again, with a fence of its own.
    /// </summary>
    private void AdoptOrphan(Moves moves, int host, int run)
    {
        var row = moves.Now.Run(run);
        if (_mutation == Mutation.OrphansAreNotAdopted || row.State != RunState.Running || row.Host != host + 1
            || moves.Now.Host(host).Execution(run).Phase != ExecutionPhase.None)
        {
            return;
        }

        var next = moves.Change();
        if (store.TryClaim(next, host, run, row.Fence))
        {
            TakeIn(next, host, run, row.Fence + 1, ExecutionPhase.Claimed);
            moves.Add(new Move("{0}: claims run {1}, which its row says it has", host, run), next);
        }
    }

    /// <summary>An observer takes a run away from a host that seems to be dead.</summary>
    private void DeclareDead(Moves moves, int host, int run)
    {
        var now = moves.Now;
        var execution = now.Host(host).Execution(run);
        var expected = scenario.StaleLooks ? execution.Looked : now.Run(run).Fence;
        if (scenario.StaleLooks ? execution.Suspects == 0 : !SeemsDead(now, host, run))
            return;
        var next = moves.Change();
        if (scenario.StaleLooks)
            next.Host(host).Execution(run).Forget();
        else
            SuspectOwner(next, run);
        if (store.DeclareDead(next, run, expected))
            moves.Add(new Move("{0}: declares the host of run {1} dead", host, run), next);
    }

    /// <summary>From here on the inbox gives the run what it reads.</summary>
    private void Register(Moves moves, int host, int run)
    {
        var before = IsLoadedFirst ? ExecutionPhase.Registered : ExecutionPhase.Claimed;
        if (moves.Now.Host(host).Execution(run).Phase != before)
            return;
        var next = moves.Change();
        next.Host(host).Execution(run).Phase = IsLoadedFirst ? ExecutionPhase.Running : ExecutionPhase.Registered;
        moves.Add(new Move("{0}: its inbox knows that it has run {1}", host, run), next);
    }

    /// <summary>
    /// Reads, in one transaction, the results, the messages that nobody took, and the greatest number that a message has. What the
    /// inbox gave before counts for nothing: it may have been read before the former owner took it.
    /// </summary>
    private void Load(Moves moves, int host, int run)
    {
        var before = IsLoadedFirst ? ExecutionPhase.Claimed : ExecutionPhase.Registered;
        if (moves.Now.Host(host).Execution(run).Phase != before)
            return;
        var next = moves.Change();
        var execution = next.Host(host).Execution(run);
        execution.Phase = IsLoadedFirst ? ExecutionPhase.Registered : ExecutionPhase.Running;
        LoadSteps(next, host, run);
        if (_mutation != Mutation.ClaimerAddsToWhatTheInboxGave)
            execution.Inbox = 0;
        var seen = _mutation == Mutation.ClaimerReadsNewMessagesOnly ? next.Run(run).LastMessageSeen : 0;
        for (var number = seen + 1; number <= next.LastMessage; number++)
        {
            if (next.Message(number) is { IsVisible: true, TakenBy: 0 })
                Give(next, execution, run, number);
        }

        var wasGiven = Math.Max(execution.Seen, BitOperations.Log2((uint)execution.Inbox << 1));
        execution.Seen = (byte)(_mutation == Mutation.ClaimerKnowsOnlyWhatNobodyTook ? wasGiven : next.LastMessage);
        moves.Add(new Move("{0}: reads the results and the messages of run {1}", host, run), next);
    }

    private void LoadSteps(State next, int host, int run)
    {
        var execution = next.Host(host).Execution(run);
        for (var i = 0; i < programs[run].Count; i++)
        {
            var stored = next.Run(run).Step(i);
            var step = execution.Step(i);
            if (stored.State == StoredStepState.Completed)
            {
                step.End(stored.Value);
            }
            else if (stored.State == StoredStepState.Running && _mutation != Mutation.RunningStepRunsAgain)
            {
                step.Phase = StepPhase.Unknown;
                next.Host(host).Add(RecordKind.StepUnknown, run, execution.Fence, i);
            }
            else if (stored.State == StoredStepState.Unknown && execution.IsAsked == 0)
            {
                step.Phase = StepPhase.Unknown;
            }
        }
    }

    /// <summary>The beat reads the rows of the runs that the host has: a run that only waits commits nothing, and would not learn of it.</summary>
    private static void NoticeLostLease(Moves moves, int host, int run)
    {
        var execution = moves.Now.Host(host).Execution(run);
        if (execution.Phase == ExecutionPhase.None || execution.IsLost != 0 || moves.Now.Run(run).Fence <= execution.Fence)
            return;
        var next = moves.Change();
        next.Host(host).Execution(run).IsLost = 1;
        moves.Add(new Move("{0}: notices that it has lost run {1}", host, run), next);
    }

    private void Drop(Moves moves, int host, int run)
    {
        if (moves.Now.Host(host).Execution(run).IsLost == 0)
            return;
        var next = moves.Change();
        next.Host(host).Execution(run).Forget();
        RestInbox(next.Host(host));
        moves.Add(new Move("{0}: drops run {1}, which it has lost", host, run), next);
    }

    private bool IsLoadedFirst => _mutation == Mutation.MessagesAreReadBeforeTheInboxKnowsTheRun;

    private static bool IsDue(StoredRun row) => row.IsOpen && row.State != RunState.Running && row.Host == 0 && row.WakeAt != 0;

    /// <summary>Its process is gone; or it is thought so, wrongly, as often as the scenario allows.</summary>
    private static bool SeemsDead(State now, int observer, int run)
    {
        var row = now.Run(run);
        return row.State == RunState.Running && row.Host != 0 && row.Host != observer + 1
            && (now.WrongDeaths > 0 || now.Host(row.Host - 1).IsAlive == 0);
    }

    private static void SuspectOwner(State next, int run)
    {
        if (next.Run(run).Host is > 0 and var host && next.Host(host - 1).IsAlive != 0)
            next.WrongDeaths--;
    }

    private static void TakeIn(State next, int host, int run, int fence, ExecutionPhase phase)
    {
        var execution = next.Host(host).Execution(run);
        execution.Forget();
        execution.Phase = phase;
        execution.Fence = (byte)fence;
    }
}
