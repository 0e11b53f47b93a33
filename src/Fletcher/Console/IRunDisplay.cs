using Fletcher.Model;

namespace Fletcher.Terminal;

/// <summary>
/// Shows what the tally counts. All methods but <see cref="Show"/>, <see cref="Tick"/> and <see cref="Coordinate"/> are
/// called under the observer's lock, in the order of what happens.
/// </summary>
internal interface IRunDisplay
{
    /// <summary>How often <see cref="Tick"/> is to be called while runs are open.</summary>
    TimeSpan Interval { get; }

    /// <summary>An outermost run began, goes on, or ended.</summary>
    void RunChanged(RunNode run, RunChange change);

    /// <summary>A step run began, is retried or ended.</summary>
    void StepChanged(RunNode run, StepGroup group, StepRunRecord step);

    /// <summary>A step told how far it is.</summary>
    void Progressed(RunNode run, OpenStep step);

    /// <summary>Time has passed. Called without the lock, one call at a time.</summary>
    void Tick(Lock gate);

    /// <summary>Shows lines that stay. Called without the lock.</summary>
    void Show(IReadOnlyList<StyledLine> lines);

    /// <summary>A writer to the same console that does not disturb what is shown.</summary>
    TextWriter Coordinate(TextWriter original, bool isRedirected);
}
