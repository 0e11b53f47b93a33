namespace Fletcher.Engine;

/// <summary>A clock that wants to know which waits are the engine's own: while all that runs does is to wait, it may move on.</summary>
internal interface IWaitClock
{
    /// <summary>A strand waits until <paramref name="due"/>, or for another strand (<see cref="DateTimeOffset.MaxValue"/>).</summary>
    /// <returns>To be disposed of when it goes on.</returns>
    IDisposable BeginWait(DateTimeOffset due);
}
