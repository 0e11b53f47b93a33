using System.Runtime.CompilerServices;
using Fletcher.Model;

namespace Fletcher.Engine;

/// <summary>
/// Ties exceptions to the step run that first threw them. Wrapping, rethrowing and aggregating keep the tie, because it
/// is looked for in the inner exceptions too. One for a family of runs.
/// </summary>
internal sealed class Causes
{
    // Made at the first failure: a table is heavy and has a finalizer, and most runs have no failure.
    private ConditionalWeakTable<Exception, Cause>? _causes;

    /// <summary>Ties the exception to this step run, unless it or one inside it is tied already.</summary>
    internal Cause Tie(Exception error, RunId run, int sequence)
    {
        var cause = Find(error) ?? new Cause(run, sequence);
        return LazyInitializer.EnsureInitialized(ref _causes).GetValue(error, _ => cause);
    }

    internal Cause? Find(Exception error)
    {
        if (Volatile.Read(ref _causes) is { } causes && causes.TryGetValue(error, out var cause))
            return cause;
        if (error is AggregateException several)
            return several.InnerExceptions.Select(Find).FirstOrDefault(found => found is not null);
        return error.InnerException is { } inner ? Find(inner) : null;
    }
}

/// <summary>A step run as the origin of an exception; sequence 0 is the flow's own body.</summary>
internal sealed record Cause(RunId Run, int Sequence);
