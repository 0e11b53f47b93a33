using Fletcher.Model.Tests.Exploring;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>What happens to hosts and runs from outside, at any moment.</summary>
internal sealed class Surroundings(Scenario scenario, StoreTransactions store)
{
    internal void Of(Moves moves)
    {
        for (var host = 0; host < scenario.Hosts; host++)
        {
            Kill(moves, host);
            for (var run = 0; run < scenario.Flows.Length; run++)
                Ask(moves, host, run);
        }

        for (var key = 1; key <= scenario.Messages.Length; key++)
            Send(moves, key);
    }

    private static void Kill(Moves moves, int host)
    {
        if (moves.Now.Crashes == 0 || moves.Now.Host(host).IsAlive == 0)
            return;
        var next = moves.Change();
        next.Crashes--;
        next.Host(host).Forget();
        moves.Add(new Move("{0} is killed", host), next);
    }

    /// <summary>A person asks to run a failed run again, with what became Unknown.</summary>
    private void Ask(Moves moves, int host, int run)
    {
        var now = moves.Now;
        if (now.Asks == 0 || now.Host(host).IsAlive == 0 || now.Host(host).Execution(run).Phase != ExecutionPhase.None)
            return;
        var next = moves.Change();
        if (!store.TryClaimFailed(next, host, run))
            return;
        next.Asks--;
        var execution = next.Host(host).Execution(run);
        execution.Forget();
        execution.Phase = ExecutionPhase.Claimed;
        execution.Fence = next.Run(run).Fence;
        execution.IsAsked = 1;
        moves.Add(new Move("{0}: claims the failed run {1}, because somebody asked for it", host, run), next);
    }

    /// <summary>A run that ended, or is not known, takes no message: its sender is told, and nothing changes.</summary>
    private void Send(Moves moves, int key)
    {
        var now = moves.Now;
        var run = scenario.RunOf(key);
        var isKnown = StoreTransactions.Knows(now, key);
        if (!now.Run(run).IsOpen || (isKnown && (now.Resends == 0 || scenario.Mutation != Mutation.KeysAreForgotten)))
            return;

        var next = moves.Change();
        if (isKnown)
            next.Resends--;
        store.Send(next, key, run, scenario.IsCancel(key));
        moves.Add(new Move(scenario.IsCancel(key) ? "somebody cancels run {1}" : $"somebody sends the signal '{scenario.NameOf(key)}' (message of key {key}) to run {{1}}", Run: run), next);
    }
}
