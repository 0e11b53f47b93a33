using Fletcher.Model.Tests.Exploring;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>The host's inbox: it reads what is new and then gives it to the runs that it has.</summary>
internal sealed partial class HostActions
{
    private void ReadMessages(Moves moves, int host)
    {
        var memory = moves.Now.Host(host);
        if (memory.ReadTo != 0 || moves.Now.LastMessage <= memory.LastRead || !HasAnyRun(memory))
            return;
        var next = moves.Change();
        next.Host(host).ReadTo = (byte)next.LastMessage;
        moves.Add(new Move($"{{0}}: its inbox reads up to message {next.LastMessage}", host), next);
    }

    private void GiveMessages(Moves moves, int host)
    {
        if (moves.Now.Host(host).ReadTo == 0)
            return;
        var next = moves.Change();
        var memory = next.Host(host);
        for (var number = memory.LastRead + 1; number <= memory.ReadTo; number++)
        {
            if (!next.Message(number).IsVisible)
                continue;
            var run = scenario.RunOf(next.Message(number).Key);
            var execution = memory.Execution(run);
            var knowsRun = execution.Phase >= (IsLoadedFirst ? ExecutionPhase.Running : ExecutionPhase.Registered);
            if (!knowsRun || (number <= execution.Seen && _mutation != Mutation.InboxGivesTwice))
                continue;
            Give(next, execution, run, number);
            execution.Seen = (byte)Math.Max(execution.Seen, number);
        }

        memory.LastRead = memory.ReadTo;
        memory.ReadTo = 0;
        RestInbox(memory);
        moves.Add(new Move("{0}: its inbox gives the messages to its runs", host), next);
    }

    private void Give(State next, Execution execution, int run, int number)
    {
        var key = next.Message(number).Key;
        if (scenario.RunOf(key) != run)
            return;
        if (scenario.IsCancel(key))
            execution.IsCancelled = 1;
        else
            execution.Inbox |= (byte)(1 << (number - 1));
    }

    /// <summary>
    /// The inbox of a host without runs reads nothing, and later begins again with the first message. That is more than a real one
    /// does, never less, and makes idle hosts equal.
    /// </summary>
    private void RestInbox(HostMemory memory)
    {
        if (memory.ReadTo == 0 && !HasAnyRun(memory))
            memory.LastRead = 0;
    }

    private bool HasAnyRun(HostMemory memory)
    {
        for (var run = 0; run < programs.Length; run++)
        {
            if (memory.Execution(run).Phase != ExecutionPhase.None)
                return true;
        }

        return false;
    }
}
