using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>Which runs of a flow and kind are not kept any longer: a pure function of the policy, the time, and where runs stand.</summary>
/// <param name="Through">Those up to this place, itself included.</param>
/// <param name="AgedBefore">Those that ended before are too old; the others are too many.</param>
internal readonly record struct RetentionRange(EndedPlace Through, DateTimeOffset AgedBefore)
{
    private static readonly EndedPlace Never = EndedPlace.Before(DateTimeOffset.UnixEpoch);

    /// <summary>Decides.</summary>
    /// <param name="policy">The flow's policy.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="now">The time it is.</param>
    /// <param name="beyondCount">The newest run beyond those that <see cref="RetentionPolicy.CountOf"/> keeps; null when there are no more than that.</param>
    /// <param name="beyondLatest">The newest run beyond those that <see cref="RetentionPolicy.LatestOf"/> keeps; null when there are no more than that.</param>
    /// <returns>Null when all are kept.</returns>
    internal static RetentionRange? Of(RetentionPolicy policy, RetentionKind kind, DateTimeOffset now, EndedPlace? beyondCount, EndedPlace? beyondLatest)
    {
        var agedBefore = policy.AgeOf(kind) is { } age && now - DateTimeOffset.UnixEpoch > age ? now - age : DateTimeOffset.UnixEpoch;
        var through = EndedPlace.Before(agedBefore);
        if (policy.CountOf(kind) is not null && beyondCount is { } many && many > through)
            through = many;
        if (policy.LatestOf(kind) > 0)
            through = beyondLatest is { } latest ? EndedPlace.Min(through, latest) : Never;
        through = EndedPlace.Min(through, EndedPlace.Before(now - RetentionPolicy.Shortest));
        return through > Never ? new RetentionRange(through, agedBefore) : null;
    }

    /// <summary>Why a run in the range goes.</summary>
    internal PruneReason ReasonOf(EndedPlace run) => run.EndedAt < AgedBefore ? PruneReason.Age : PruneReason.Count;
}
