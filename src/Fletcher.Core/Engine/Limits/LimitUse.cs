using Fletcher.Diagnosis;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>How a step or a flow comes by its place under a limit.</summary>
internal static class LimitUse
{
    /// <summary>Waits for the place of a step run, or of the flow run itself.</summary>
    /// <param name="run">The run.</param>
    /// <param name="call">The step, or the flow.</param>
    /// <param name="caller">Around it: where the step is called; null for a flow that nothing is around.</param>
    /// <param name="sequence">The step run; 0 for the flow run.</param>
    /// <param name="waits">Told the reason when it has to wait, before it does.</param>
    /// <param name="deadline">Until when it waits at the most.</param>
    /// <param name="cancellationToken">Ends the wait; it leaves the line then.</param>
    /// <returns>The place; null when the deadline has come.</returns>
    /// <exception cref="FletcherUsageException">The limit is not defined, is held around it, or cannot be used so.</exception>
    internal static async ValueTask<LimitHold?> AcquireAsync(
        FlowExecution run, Call call, Scope? caller, int sequence, Action<string> waits, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        var host = run.Host;
        var place = Place(run, call, sequence);
        var gate = host.Limits ?? throw new FletcherUsageException(
            "FLT1311", $"'{call.Definition.Id}' starts under limit '{place.Limit}', but this host's store ({host.Store.Description}) keeps no limits.");
        if (FindAround(caller, place) is { } around)
        {
            throw new FletcherUsageException(
                "FLT1309", $"'{call.Definition.Id}' starts under limit '{place.Limit}', which '{around}' around it holds already: it could wait for itself. Take the limit at one of the two only.");
        }

        var waiter = gate.Enter(place);
        try
        {
            await waiter.Answered.ConfigureAwait(false);
            if (!waiter.Settled.IsCompleted)
            {
                waits(await gate.DescribeAsync(waiter).ConfigureAwait(false));
                if (!await WaitAsync(gate, waiter, deadline, host.Time, cancellationToken).ConfigureAwait(false))
                {
                    gate.Leave(new LimitLeave(place.Id));
                    return null;
                }
            }

            switch (await waiter.Settled.ConfigureAwait(false))
            {
                case LimitPlaceState.Granted:
                    return new LimitHold(gate, place);
                case LimitPlaceState.Undefined:
                    throw Undefined(call.Definition.Id, place.Limit, await host.Store.Limits!.GetLimitsAsync(CancellationToken.None).ConfigureAwait(false));
                default:
                    // It went with the lease: somebody else has the run.
                    run.Root.Lose();
                    throw run.Lease.Error();
            }
        }
        catch (Exception e) when (e is not RunLostException)
        {
            gate.Leave(new LimitLeave(place.Id));
            throw;
        }
    }

    private static LimitPlace Place(FlowExecution run, Call call, int sequence)
    {
        var definition = call.Definition;
        var place = new LimitPlace
        {
            Id = Guid.CreateVersion7(run.Host.Now),
            Limit = definition.Limit!,
            Key = call.RenderLimitKey() ?? "",
            Weight = definition.LimitWeight,
            RootRunId = run.Lease.Key.Root,
            Fence = run.Lease.Key.Fence,
            RunId = run.Id,
            Sequence = sequence,
            Flow = run.Definition.Id,
            Step = sequence == 0 ? null : definition.Id,
        };
        try
        {
            LimitCheck.Check([], [place]);
            return place;
        }
        catch (ArgumentException e)
        {
            throw new FletcherUsageException("FLT1310", $"'{definition.Id}' cannot start under limit '{definition.Limit}': {e.Message}", e);
        }
    }

    /// <summary>Who around the call holds the same limit, in this run or in those that called it; null when nobody does.</summary>
    private static string? FindAround(Scope? scope, LimitPlace place)
    {
        while (scope is not null)
        {
            if (scope.Step is { } step)
            {
                if (step.Hold?.Is(place.Limit, place.Key) == true)
                    return step.Id;
                scope = step.Caller;
                continue;
            }

            if (scope.Run.Hold?.Is(place.Limit, place.Key) == true)
                return scope.Run.Definition.Id;
            scope = scope.Run.Outer?.Caller;
        }

        return null;
    }

    private static async Task<bool> WaitAsync(
        LimitGate gate, LimitWaiter waiter, DateTimeOffset deadline, TimeProvider time, CancellationToken cancellationToken)
    {
        if (deadline == DateTimeOffset.MaxValue)
        {
            await gate.WaitAsync(waiter, cancellationToken).ConfigureAwait(false);
            return true;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var granted = gate.WaitAsync(waiter, either.Token);
        var first = await Task.WhenAny(granted, Wait.UntilAsync(deadline, time, either.Token)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (first == granted)
            await granted.ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        await ((Task)granted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return waiter.Settled.IsCompleted;
    }

    private static FletcherUsageException Undefined(string user, string limit, IReadOnlyList<LimitRecord> limits)
    {
        var names = limits.Select(static known => known.Name).ToList();
        var hint = SimilarName.Find(limit, names) is { } similar ? $" Did you mean '{similar}'?"
            : names.Count == 0 ? " No limit is defined." : $" Defined are {string.Join(", ", names.Take(10).Select(static name => $"'{name}'"))}.";
        return new FletcherUsageException(
            "FLT1308", $"'{user}' starts under limit '{limit}', which nobody has defined.{hint} Define it with FletcherOptions.Limits, or at run time with FletcherClient.SetLimitAsync.");
    }
}
