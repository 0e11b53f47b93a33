using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>Somebody in this process who has asked for a place under a limit, and is not told yet that it is granted.</summary>
internal sealed class LimitWaiter(LimitPlace place)
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<LimitPlaceState> _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _turn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal LimitPlace Place { get; } = place;

    /// <summary>How many waited before it when it came.</summary>
    internal int Before { get; private set; }

    /// <summary>Completes when the store has taken it into the line, or granted or refused it.</summary>
    internal Task Answered => _answered.Task;

    /// <summary>Completes when it does not wait any more; fails when the store was not there to take it in.</summary>
    internal Task<LimitPlaceState> Settled => _settled.Task;

    /// <summary>Completes when what it may have to do for all who wait has changed; see <see cref="LimitGate.Watch"/>.</summary>
    internal Task Turn => Volatile.Read(ref _turn).Task;

    internal void Answer(LimitStanding standing)
    {
        Before = standing.Before;
        if (standing.State != LimitPlaceState.Waiting)
            Settle(standing.State);
        _answered.TrySetResult();
    }

    internal void Settle(LimitPlaceState state)
    {
        _settled.TrySetResult(state);
        _answered.TrySetResult();
    }

    internal void Fail(Exception error)
    {
        _settled.TrySetException(error);
        _ = _settled.Task.Exception; // who has gone away meanwhile does not look at it
        _answered.TrySetResult();
    }

    /// <summary>Ends <see cref="Turn"/>, and begins another.</summary>
    internal void CallUp() => Interlocked.Exchange(ref _turn, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
