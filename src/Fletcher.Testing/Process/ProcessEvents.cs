using Fletcher.Model;

namespace Fletcher.Testing;

/// <summary>What happened to a step run in a process.</summary>
internal enum StepEventKind
{
    /// <summary>Its code began.</summary>
    Began,
    /// <summary>Its code returned.</summary>
    Returned,
    /// <summary>Its stored result answered.</summary>
    Reused,
}

/// <summary>A thing that happened to a step run.</summary>
internal readonly record struct StepEvent(
    StepEventKind Kind, RunId Run, int Sequence, string Flow, string Step, StepKey Key, int Attempt, bool IsAtMostOnce);

/// <summary>What the steps of a test's host did, over all its processes, in order.</summary>
internal sealed class ProcessEvents
{
    private readonly Lock _gate = new();
    private readonly List<StepEvent> _events = [];

    internal int Count
    {
        get
        {
            lock (_gate)
                return _events.Count;
        }
    }

    internal void Add(StepEvent happened)
    {
        lock (_gate)
            _events.Add(happened);
    }

    internal IReadOnlyList<StepEvent> Since(int first)
    {
        lock (_gate)
            return _events[first..];
    }
}
