using Fletcher.Engine;

namespace Fletcher.Hosting;

/// <summary>The limits under which steps and flows start here.</summary>
public sealed partial class FletcherHost
{
    /// <summary>How runs come by places under limits; null when the store keeps none, and before the host is open.</summary>
    internal LimitGate? Limits { get; private set; }

    /// <summary>What kind of error this is to a breaker: failures of one kind are thought to have one reason.</summary>
    internal string KindOf(Exception error)
    {
        var kind = $"{_classifier.Classify(error)}: {error.GetType().Name}";
        return kind.Length <= Storage.LimitCheck.LongestKey ? kind : kind[..Storage.LimitCheck.LongestKey];
    }

    private async ValueTask OpenLimitsAsync()
    {
        if (Store.Limits is not { } store)
            return;
        if (_options.Limits.Declared.Count > 0)
            await store.DeclareAsync(_options.Limits.Declared, CancellationToken.None).ConfigureAwait(false);
        Limits = new LimitGate(this, store);
    }
}
