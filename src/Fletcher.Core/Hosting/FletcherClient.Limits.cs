using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>Limits, seen and changed from outside.</summary>
public sealed partial class FletcherClient
{
    private const int LanesShown = 100;

    /// <summary>
    /// Sets a limit at run time, for all who share the store and at once. It wins over what code declares, also over what is declared later, until
    /// <see cref="ResetLimitAsync"/>. Those who have started under it go on, also when there are fewer slots now.
    /// </summary>
    /// <param name="name">The limit; it need not be declared.</param>
    /// <param name="settings">What it bounds, as a whole: parts that are null bound nothing. To change one part: <c>limit.Settings with { Slots = 5 }</c>.</param>
    /// <param name="reason">Why, in one sentence. Default: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">The name or a setting is out of its range, or the store keeps no limits.</exception>
    public async Task SetLimitAsync(string name, LimitSettings settings, string? reason = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(settings);
        LimitOptions.Check(name, settings);
        var limits = await OpenLimitsAsync(cancellationToken).ConfigureAwait(false);
        await limits.SetAsync(name, settings, Actor, reason, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes back what was set at run time, so that what code declares holds again. A limit that no code declares is gone then, and holds nobody.</summary>
    /// <param name="name">The limit.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether anything was set.</returns>
    /// <exception cref="FletcherUsageException">The store keeps no limits.</exception>
    public async Task<bool> ResetLimitAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var limits = await OpenLimitsAsync(cancellationToken).ConfigureAwait(false);
        return await limits.SetAsync(name, null, Actor, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All limits, by name: what is declared, what is set, and what holds.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">The store keeps no limits.</exception>
    public async Task<IReadOnlyList<LimitRecord>> GetLimitsAsync(CancellationToken cancellationToken = default)
    {
        var limits = await OpenLimitsAsync(cancellationToken).ConfigureAwait(false);
        return await limits.GetLimitsAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Who has started under a limit and who waits, key by key (ordinal); keys that nobody uses are left out. At most 100.</summary>
    /// <param name="name">The limit.</param>
    /// <param name="after">Only keys after this one, for the next page. Default: from the first.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">The store keeps no limits.</exception>
    public async Task<IReadOnlyList<LimitLaneRecord>> GetLimitLanesAsync(string name, string? after = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var limits = await OpenLimitsAsync(cancellationToken).ConfigureAwait(false);
        return await limits.GetLanesAsync(name, null, after, LanesShown, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ILimitStore> OpenLimitsAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        return _store.Limits ?? throw new FletcherUsageException("FLT1602", $"The store ({_store.Description}) keeps no limits.");
    }
}
