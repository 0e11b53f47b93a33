using System.Collections;
using System.Collections.Immutable;

namespace Fletcher;

/// <summary>
/// What <c>Flow.Map</c> returns: the results in the order of the items. With <see cref="MapFailure.Collect"/> and
/// <see cref="MapFailure.Tolerate"/> some items may have failed: <see cref="Outcomes"/> has an outcome for each item, the list
/// itself the results of those that succeeded.
/// </summary>
/// <typeparam name="T">What an item's work returns.</typeparam>
public sealed class MapResult<T> : IReadOnlyList<T>
{
    private readonly T[] _values;
    private readonly Outcome<T>[]? _outcomes;
    private readonly bool _failuresMustBeSeen;
    private bool _seen;

    internal MapResult(T[] values) => _values = values;

    internal MapResult(Outcome<T>[] outcomes, bool failuresMustBeSeen)
    {
        _outcomes = outcomes;
        _values = outcomes.Where(o => o.IsSuccess).Select(o => o.Value).ToArray();
        var failures = outcomes.Length - _values.Length; // to read the property is to have seen them
        FailureCount = failures;
        _failuresMustBeSeen = failuresMustBeSeen && failures > 0;
    }

    /// <summary>How many items did not succeed. Looking at it counts as having seen the failures.</summary>
    public int FailureCount
    {
        get
        {
            _seen = true;
            return field;
        }
    }

    /// <summary>An outcome for each item, in the order of the items. Looking at it counts as having seen the failures.</summary>
    public IReadOnlyList<Outcome<T>> Outcomes
    {
        get
        {
            _seen = true;
            return _outcomes ?? ImmutableArray.CreateRange(_values.Select(Outcome<T>.Success)) as IReadOnlyList<Outcome<T>>;
        }
    }

    /// <summary>The items that did not succeed, by their index. Looking at it counts as having seen the failures.</summary>
    public IEnumerable<(int Index, Outcome<T> Outcome)> Failures
    {
        get
        {
            _seen = true;
            return _outcomes is null
                ? []
                : _outcomes.Select((outcome, index) => (index, outcome)).Where(pair => !pair.outcome.IsSuccess);
        }
    }

    /// <summary>How many items succeeded.</summary>
    public int Count => Succeeded().Length;

    /// <summary>The result at this position among those that succeeded; without failures, that of the item at this position.</summary>
    public T this[int index] => Succeeded()[index];

    /// <summary>The results of the items that succeeded.</summary>
    /// <exception cref="MapFailedException">Items failed, and nobody has looked at the failures.</exception>
    public T[] ToArray() => Succeeded();

    /// <summary>The results of the items that succeeded.</summary>
    /// <exception cref="MapFailedException">Items failed, and nobody has looked at the failures.</exception>
    public static implicit operator T[](MapResult<T> result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Succeeded();
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)Succeeded()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The failures as one exception, when there are some that nobody has looked at; otherwise null.</summary>
    internal MapFailedException? UnseenFailure() =>
        _failuresMustBeSeen && !_seen
            ? new MapFailedException(_outcomes!.Length, _outcomes!.Where(o => !o.IsSuccess).Select(o => o.Error!))
            : null;

    private T[] Succeeded() => UnseenFailure() is { } failure ? throw failure : _values;
}

/// <summary>Items of a <c>Flow.Map</c> failed: more than were tolerated, or nobody looked at the failures.</summary>
public sealed class MapFailedException : AggregateException
{
    internal MapFailedException(int items, IEnumerable<Exception> failures) : this(items, [.. failures])
    {
    }

    private MapFailedException(int items, Exception[] failures)
        : base($"{failures.Length} of {items} items failed", failures) => ItemCount = items;

    /// <summary>How many items there were.</summary>
    public int ItemCount { get; }
}
