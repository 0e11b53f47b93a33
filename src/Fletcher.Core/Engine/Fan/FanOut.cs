namespace Fletcher.Engine;

/// <summary>
/// Bounded parallel work over items. Some workers take items one after the other; each item has a strand of its own, so
/// that its effects wait for what it has seen itself and not for its neighbours.
/// </summary>
internal static class FanOut
{
    internal static async Task<MapResult<TResult>> RunAsync<TItem, TResult>(
        IEnumerable<TItem> items, FanBody<TItem, TResult> body, int maxConcurrency, MapFailure failure)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrency, 1);
        var scope = Ambient.Current as Scope;
        if (scope?.Memory is { } memory && items.TryGetNonEnumeratedCount(out _))
            body.Expect(items, scope, memory);
        using var work = new FanWork<TItem, TResult>(items, body, scope, failure, maxConcurrency);
        if (scope is not null && work.KnownCount is { } known)
            scope.Run.Host.Observers.FanOutBegan(scope.Run.Record, scope.Step?.Sequence ?? 0, body.Step, known);
        await work.RunAsync().ConfigureAwait(false);
        return work.Finish();
    }
}

/// <summary>A fan-out under way.</summary>
internal sealed class FanWork<TItem, TResult> : IDisposable
{
    private readonly Lock _gate = new();
    private readonly IEnumerator<TItem> _items;
    private readonly FanBody<TItem, TResult> _body;
    private readonly Scope? _scope;
    private readonly MapFailure _failure;
    private readonly ulong _fanOut;
    private readonly int _maxWorkers;
    private int _workers = 1;
    private TResult[] _results;
    private Dictionary<int, Exception>? _errors;
    private Exception? _firstError;
    private int _count;
    private long _seen;
    private bool _stopped;
    private bool _cutShort;

    internal FanWork(IEnumerable<TItem> items, FanBody<TItem, TResult> body, Scope? scope, MapFailure failure, int maxConcurrency)
    {
        var isCounted = items.TryGetNonEnumeratedCount(out var count);
        KnownCount = isCounted ? count : null;
        _maxWorkers = isCounted ? Math.Min(Math.Max(1, count), maxConcurrency) : maxConcurrency;
        _results = new TResult[isCounted ? count : 16];
        _items = items.GetEnumerator();
        _body = body;
        _scope = scope;
        _failure = failure;
        _fanOut = scope?.NextFanOut() ?? 0;
    }

    /// <summary>How many items there are, if that can be known without reading them.</summary>
    internal int? KnownCount { get; }

    public void Dispose() => _items.Dispose();

    internal Task RunAsync() => _maxWorkers == 1 ? WorkAsync() : Task.Run(WorkAsync);

    private async Task WorkAsync()
    {
        Task? next = null;
        try
        {
            while (TryTake(out var item, out var index))
            {
                // Each worker brings in the next one when there was work for itself: a bound of millions costs nothing.
                if (next is null && TryHire())
                    next = Task.Run(WorkAsync);
                await WorkOnAsync(item, index).ConfigureAwait(false);
            }
        }
        finally
        {
            if (next is not null)
                await next.ConfigureAwait(false);
        }
    }

    private async ValueTask WorkOnAsync(TItem item, int index)
    {
        var strand = _scope?.ForItem(_fanOut, index);
        try
        {
            Keep(index, await _body.RunAsync(item, strand).ConfigureAwait(false), strand);
        }
        catch (Exception e)
        {
            Keep(index, e, strand);
        }

        strand?.EndLines();
    }

    private bool TryHire()
    {
        lock (_gate)
            return _workers < _maxWorkers && _workers++ > 0;
    }

    internal MapResult<TResult> Finish()
    {
        // Not before: an item that begins later would else wait for those that are done, and a fan-out of steps with effects
        // would commit no more of them at once than run at the same time.
        _scope?.Saw(_seen);
        if (_cutShort)
            _scope!.Token.ThrowIfCancellationRequested();
        if (_firstError is null)
        {
            Array.Resize(ref _results, _count);
            return new MapResult<TResult>(_results);
        }

        if (_stopped)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_firstError);

        var outcomes = new Outcome<TResult>[_count];
        for (var i = 0; i < _count; i++)
            outcomes[i] = _errors!.TryGetValue(i, out var error) ? Outcome<TResult>.From(error) : Outcome<TResult>.Success(_results[i]);
        // The share of a whole number of items is that number, although the product may be a little less.
        if (_failure.IsTolerant && _errors!.Count > (_failure.Tolerance * _count) + 1e-6)
            throw new MapFailedException(_count, _errors.OrderBy(pair => pair.Key).Select(pair => pair.Value));

        var result = new MapResult<TResult>(outcomes, failuresMustBeSeen: !_failure.IsTolerant);
        _scope?.Run.MustBeSeen(result.UnseenFailure);
        return result;
    }

    private bool TryTake(out TItem item, out int index)
    {
        lock (_gate)
        {
            item = default!;
            index = _count;
            if (_stopped || _cutShort || !MoveNext())
                return false;
            if (_scope is not null && _scope.Token.IsCancellationRequested)
            {
                _cutShort = true;
                return false;
            }

            item = _items.Current;
            _count++;
            if (_count > _results.Length)
                Array.Resize(ref _results, Math.Max(_count, _results.Length * 2));
            return true;
        }
    }

    private bool MoveNext()
    {
        try
        {
            return _items.MoveNext();
        }
        catch
        {
            // The sequence itself is broken: the other workers must not go on with it.
            _stopped = true;
            throw;
        }
    }

    private void Keep(int index, TResult result, Scope? strand)
    {
        lock (_gate)
        {
            _results[index] = result;
            _seen = Math.Max(_seen, strand?.Seen ?? 0);
        }
    }

    private void Keep(int index, Exception error, Scope? strand)
    {
        lock (_gate)
        {
            // A failed item too has seen the results of its steps, and may have handed them on.
            _seen = Math.Max(_seen, strand?.Seen ?? 0);

            // A run that is to stop, or whose store is gone, is not a number of failed items.
            var mustStop = Flow.MustStop(error);
            if (_firstError is null || mustStop)
                _firstError = error;
            (_errors ??= [])[index] = error;
            _stopped |= !_failure.GoesOn || mustStop;
        }
    }
}
