using Fletcher.Model;

namespace Fletcher.Testing;

/// <summary>A call of a test on its host, and the flow runs that it led to.</summary>
/// <param name="firstEvent">How many events there were before it.</param>
internal sealed class FlowCall(int firstEvent)
{
    private readonly Lock _gate = new();
    private readonly List<RunId> _roots = [];

    internal int FirstEvent { get; } = firstEvent;

    /// <summary>The runs that the called code itself led to, in order; not those inside them.</summary>
    internal IReadOnlyList<RunId> Roots
    {
        get
        {
            lock (_gate)
                return [.. _roots];
        }
    }

    internal void Saw(FlowRunRecord run)
    {
        if (run.ParentRunId is not null)
            return;
        lock (_gate)
        {
            if (!_roots.Contains(run.Id))
                _roots.Add(run.Id);
        }
    }
}
