namespace Fletcher.Testing;

/// <summary>
/// What runs in a process: the tree of its flow runs and step runs, and which of them rest in a wait of the engine. A strand is
/// busy when nothing runs inside it and it does not wait: then its code does.
/// </summary>
/// <remarks>
/// A body that has started a strand without awaiting it may do more while that one waits. The tree does not show this, so who acts
/// upon it lets the code settle first (<see cref="SettleAsync"/>): until no thread is inside a strand, and nothing is queued.
/// </remarks>
internal sealed class Activity
{
    // A thread that stays inside a strand for so long is blocked, by code that waits for its own steps without awaiting them.
    private static readonly TimeSpan Blocked = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly AsyncLocal<Strand?> _current;
    private readonly Action _changed;
    private readonly List<EngineWait> _waits = [];
    private readonly HashSet<Strand> _strands = [];
    private int _busy;
    private int _blocking;
    private int _threads;
    private long _changes;

    internal Activity(Action changed)
    {
        _changed = changed;

        // Tells of each thread that comes into a strand or leaves it, also when code goes on behind an await.
        _current = new AsyncLocal<Strand?>(moved =>
        {
            var more = (moved.CurrentValue is null ? 0 : 1) - (moved.PreviousValue is null ? 0 : 1);
            if (more != 0)
                Interlocked.Add(ref _threads, more);
        });
    }

    /// <summary>Whether all that runs waits.</summary>
    internal bool IsQuiet
    {
        get
        {
            lock (_gate)
                return _busy == 0;
        }
    }

    /// <summary>Grows whenever something begins, ends or waits.</summary>
    internal long Changes => Volatile.Read(ref _changes);

    /// <summary>The strand that the calling code belongs to.</summary>
    internal Strand? Current => _current.Value;

    /// <summary>Begins a strand inside the current one. To be called in an asynchronous method, at whose end the current one is current again.</summary>
    internal Strand Enter(string name, bool isBlocking = false, bool isApart = false)
    {
        var outer = _current.Value;
        var strand = new Strand(name, outer, isBlocking, isApart);
        lock (_gate)
        {
            Begin(outer);
            _busy++;
            _blocking += isBlocking ? 1 : 0;
            _strands.Add(strand);
        }

        _current.Value = strand;
        Note();
        return strand;
    }

    /// <summary>Ends it. What still runs inside it was left behind, and does not count any more.</summary>
    internal void Leave(Strand strand)
    {
        lock (_gate)
        {
            if (strand.IsOver)
                return;
            if (strand.Inside > 0)
            {
                foreach (var left in _strands.Where(other => other.IsInside(strand)).ToList())
                    Forget(left);
            }

            Forget(strand);
            End(strand.Outer);
        }

        Note();
    }

    /// <summary>The current strand waits: until a time, or for another strand (<see cref="DateTimeOffset.MaxValue"/>).</summary>
    internal EngineWait BeginWait(DateTimeOffset due)
    {
        var wait = new EngineWait(this, _current.Value, due);
        lock (_gate)
        {
            _waits.Add(wait);
            Begin(wait.Strand);
        }

        Note();
        return wait;
    }

    internal void EndWait(EngineWait wait)
    {
        lock (_gate)
        {
            if (!_waits.Remove(wait))
                return;
            End(wait.Strand);
        }

        Note();
    }

    /// <summary>The current strand never goes on.</summary>
    internal void Hang()
    {
        lock (_gate)
            Begin(_current.Value);
        Note();
    }

    /// <summary>Something else changed that who watches should know.</summary>
    internal void Note()
    {
        Interlocked.Increment(ref _changes);
        _changed();
    }

    /// <summary>Returns when no code of a strand is about to run or runs on a thread that is not blocked.</summary>
    internal async Task SettleAsync()
    {
        var begun = TimeProvider.System.GetTimestamp();
        do
        {
            await Settling.WaitAsync().ConfigureAwait(false);
        }
        while (Volatile.Read(ref _threads) > Volatile.Read(ref _blocking) && TimeProvider.System.GetElapsedTime(begun) < Blocked);
    }

    /// <summary>Whether everything waits, and at least one wait is there, and none of them is over at this time.</summary>
    internal bool OnlyWaits(DateTimeOffset now)
    {
        lock (_gate)
            return _busy == 0 && _waits.Count > 0 && _waits.TrueForAll(wait => wait.Due > now);
    }

    /// <summary>Whether a wait is over at this time, so that its strand is about to go on.</summary>
    internal bool HasDue(DateTimeOffset now)
    {
        lock (_gate)
            return _waits.Exists(wait => wait.Due <= now);
    }

    /// <summary>The busy strands, for people.</summary>
    internal IReadOnlyList<string> Busy()
    {
        lock (_gate)
            return [.. _strands.Where(strand => strand.Inside == 0).Select(strand => strand.Name).Order(StringComparer.Ordinal)];
    }

    private void Forget(Strand strand)
    {
        strand.IsOver = true;
        _strands.Remove(strand);
        _waits.RemoveAll(wait => wait.Strand == strand);
        _blocking -= strand.BlocksThread ? 1 : 0;
        _busy -= strand.Inside == 0 ? 1 : 0;
    }

    private void Begin(Strand? outer)
    {
        if (IsCounted(outer) && outer!.Inside++ == 0)
            _busy--;
    }

    private static bool IsCounted(Strand? strand) => strand is { IsOver: false };

    private void End(Strand? outer)
    {
        if (IsCounted(outer) && --outer!.Inside == 0)
            _busy++;
    }
}
