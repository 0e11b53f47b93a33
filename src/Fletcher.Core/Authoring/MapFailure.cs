namespace Fletcher;

/// <summary>What <c>Flow.Map</c> does when an item fails.</summary>
public readonly record struct MapFailure
{
    private MapFailure(bool goOn, double tolerance) => (GoesOn, Tolerance) = (goOn, tolerance);

    /// <summary>
    /// No further item is started after the first failure; those that run are awaited, and the failure is thrown. The default.
    /// </summary>
    public static MapFailure Stop => default;

    /// <summary>
    /// All items run. The result holds the outcome of each; a result with failures that nobody looks at fails the flow.
    /// </summary>
    public static MapFailure Collect { get; } = new(true, 1);

    /// <summary>
    /// All items run, and up to this share of them may fail; with more failures a <see cref="MapFailedException"/> is thrown.
    /// </summary>
    /// <param name="share">0 to 1; 0.05 tolerates five failures in a hundred items.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="share"/> is not between 0 and 1.</exception>
    public static MapFailure Tolerate(double share) => share is >= 0 and <= 1
        ? new MapFailure(true, share) { IsTolerant = true }
        : throw new ArgumentOutOfRangeException(nameof(share), share, "The tolerated share of failures is a number from 0 to 1.");

    internal bool GoesOn { get; }

    internal double Tolerance { get; }

    internal bool IsTolerant { get; private init; }
}
