using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// A host's hold on a run and its sub-flows. It is lost when somebody else claims the run, because this process was silent and
/// taken for dead; the store then refuses whatever is still written under it.
/// </summary>
internal sealed class Lease(RunId root, long fence)
{
    private volatile bool _isLost;

    internal Lease(FlowRunRecord run)
        : this(run.RootRunId, run.Fence)
    {
    }

    /// <summary>What the store knows it by.</summary>
    internal RunLease Key { get; } = new(root, fence);

    internal bool IsLost => _isLost;

    /// <summary>Says that it is lost.</summary>
    internal void Lose() => _isLost = true;

    /// <exception cref="RunLostException">It is lost.</exception>
    internal void ThrowIfLost()
    {
        if (_isLost)
            throw Error();
    }

    internal RunLostException Error() => new(
        $"Flow run {Key.Root} was taken over while this process was silent. What this process did since is not recorded, and its steps are stopped; the run goes on elsewhere.");
}
