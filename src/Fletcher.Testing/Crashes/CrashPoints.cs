namespace Fletcher.Testing;

/// <summary>
/// The points at which a flow dies in turn. How many there are is known from a run without a crash, but work in parallel commits in other
/// batches each time. So after the known ones it goes on until one is not reached any more.
/// </summary>
internal sealed class CrashPoints(int commits, int steps, int most)
{
    private static readonly CrashKind[] Kinds = [CrashKind.BeforeCommit, CrashKind.AfterCommit, CrashKind.InsideStep];

    private readonly int _total = (2 * commits) + steps;

    /// <summary>Whether all of them are tried.</summary>
    internal bool IsComplete => _total <= most;

    /// <summary>The points.</summary>
    /// <param name="wasReached">Says whether the last one was reached.</param>
    internal IEnumerable<(CrashKind Kind, int At)> All(Func<bool> wasReached)
    {
        var index = 0;
        var tried = 0;
        foreach (var kind in Kinds)
        {
            var known = kind == CrashKind.InsideStep ? steps : commits;
            for (var at = 1; at <= known; at++, index++)
            {
                if (!IsChosen(index))
                    continue;
                tried++;
                yield return (kind, at);
            }

            for (var at = known + 1; IsComplete && tried < most; at++)
            {
                tried++;
                yield return (kind, at);
                if (!wasReached())
                    break;
            }
        }
    }

    // The whole part of index * most / total grows by one for exactly 'most' of the indices.
    private bool IsChosen(int index) =>
        IsComplete || (long)(index + 1) * most / _total > (long)index * most / _total;
}
