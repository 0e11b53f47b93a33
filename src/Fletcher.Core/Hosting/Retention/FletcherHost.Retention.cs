using System.Reflection;

namespace Fletcher.Hosting;

/// <summary>How long runs are kept.</summary>
public sealed partial class FletcherHost
{
    private RetentionLoop? _retention;

    internal RetentionOptions Retention => _options.Retention;

    internal IEnumerable<Assembly> FlowAssemblies => _options.FlowAssemblies;

    // The process of a single run has that to do, and its parent prunes. A test that steps in counts what is done.
    private void StartRetention()
    {
        if (_options.IsolatedRun is not null || _options.Faults is not null || (Store.IsVolatile && !_options.TakesRuns) || Store.Retention is not { } store)
            return;
        lock (_openGate)
            _retention ??= new RetentionLoop(this, store);
        _retention.Start();
    }
}
