using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>A place under a limit that was granted to a step or a flow.</summary>
internal sealed class LimitHold(LimitGate gate, LimitPlace place)
{
    private int _isReleased;
    private Task? _leaked;

    internal bool Is(string limit, string key) => place.Limit == limit && place.Key == key;

    /// <summary>The code was left behind at its time limit and still runs: the place is kept until it stops.</summary>
    internal void KeepUntil(Task leaked) => Volatile.Write(ref _leaked, leaked);

    /// <summary>Gives the place back, once.</summary>
    internal void Release(LimitEnd end, string? kind)
    {
        if (Interlocked.Exchange(ref _isReleased, 1) != 0)
            return;
        var leave = new LimitLeave(place.Id, end, kind);
        if (Volatile.Read(ref _leaked) is { IsCompleted: false } leaked)
            _ = leaked.ContinueWith(_ => gate.Leave(leave), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        else
            gate.Leave(leave);
    }
}
