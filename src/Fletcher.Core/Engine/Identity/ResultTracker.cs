using System.Collections;
using System.Runtime.CompilerServices;
using Fletcher.Model;

namespace Fletcher.Engine;

/// <summary>
/// Recognises objects that are results of steps when they come back as arguments: such an argument counts by the hash of
/// the stored result, is not serialised again when it is large, and draws the data arrow.
/// </summary>
/// <remarks>
/// The user may have changed the object in between. A small one is serialised again and compared, so that is always
/// noticed. A large one is trusted unless it is a collection whose count has changed. (docs/decisions/002)
/// </remarks>
internal sealed class ResultTracker
{
    internal const int TrustedLength = 4096;

    // Made at the first result worth it: a table is heavy and has a finalizer, and many runs are short.
    private ConditionalWeakTable<object, TrackedResult>? _results;

    /// <summary>Remembers an object that a step returned.</summary>
    /// <param name="value">The object.</param>
    /// <param name="sequence">The step run.</param>
    /// <param name="stored">Its stored form.</param>
    /// <param name="liveHash">The hash of the object as it is now. It differs from the stored one's when the type does not survive the round trip unchanged.</param>
    internal void Track(object value, int sequence, StoredValue stored, ContentHash liveHash)
    {
        // Short strings are shared between unrelated places: the same reference says nothing about where it came from.
        if (value is string && stored.Length <= TrustedLength)
            return;
        LazyInitializer.EnsureInitialized(ref _results).AddOrUpdate(value, new TrackedResult(sequence, stored.Hash, liveHash, stored.Length, CountOf(value)));
    }

    internal bool TryGet(object value, out TrackedResult result)
    {
        if (Volatile.Read(ref _results) is not { } results || !results.TryGetValue(value, out var found))
        {
            result = null!;
            return false;
        }

        result = found;
        return found.Count == CountOf(value);
    }

    private static int CountOf(object value) => value is ICollection collection ? collection.Count : -1;
}

/// <summary>What is known of a tracked object.</summary>
internal sealed record TrackedResult(int Sequence, ContentHash Hash, ContentHash LiveHash, long Length, int Count);
