using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Testing;

/// <summary>
/// A process's view of the limits of its store. How many transactions a host makes for them is up to the moment (it asks for several at once when the store is busy), so they are no
/// points at which a process dies; what it had it loses with its runs.
/// </summary>
internal sealed class ProcessLimits(ILimitStore behind, Func<bool> isDead, Func<Exception> dead) : ILimitStore
{
    public event Action<IReadOnlyList<Guid>>? Granted
    {
        add => behind.Granted += value;
        remove => behind.Granted -= value;
    }

    public bool IsShared => behind.IsShared;

    private ILimitStore Alive => isDead() ? throw dead() : behind;

    public IDisposable Listen(Action heard) => behind.Listen(heard);

    public ValueTask DeclareAsync(IReadOnlyDictionary<string, LimitSettings> declared, CancellationToken cancellationToken) =>
        Alive.DeclareAsync(declared, cancellationToken);

    public ValueTask<bool> SetAsync(
        string name, LimitSettings? settings, string actor, string? reason, CancellationToken cancellationToken) =>
        Alive.SetAsync(name, settings, actor, reason, cancellationToken);

    public ValueTask<IReadOnlyList<LimitRecord>> GetLimitsAsync(CancellationToken cancellationToken) => Alive.GetLimitsAsync(cancellationToken);

    public ValueTask<LimitExchange> ExchangeAsync(
        IReadOnlyList<LimitLeave> leave, IReadOnlyList<LimitPlace> enter, CancellationToken cancellationToken) =>
        Alive.ExchangeAsync(leave, enter, cancellationToken);

    public ValueTask<LimitLook> LookAsync(IReadOnlyList<Guid> places, CancellationToken cancellationToken) => Alive.LookAsync(places, cancellationToken);

    public ValueTask<IReadOnlyList<LimitLaneRecord>> GetLanesAsync(
        string limit, string? key, string? after, int count, CancellationToken cancellationToken) =>
        Alive.GetLanesAsync(limit, key, after, count, cancellationToken);

    public ValueTask<IReadOnlyList<LimitPlace>> GetPlacesAsync(RunId root, CancellationToken cancellationToken) => Alive.GetPlacesAsync(root, cancellationToken);
}
