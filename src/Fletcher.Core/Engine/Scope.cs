using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Fletcher.Model;
using Microsoft.Extensions.Logging;

namespace Fletcher.Engine;

/// <summary>
/// A strand of a flow run: the flow's body, the body of a step, or the work for one item of a fan-out. It knows what the
/// strand has seen, because an effect must wait until every result that it could have seen is committed (output commit).
/// </summary>
internal sealed class Scope : Ambient
{
    private Occurrences? _occurrences;
    private SiteCounts? _sites;
    private ConcurrentDictionary<string, LineBuffer>? _lines;
    private int _fanOuts;

    // Who counts and keeps what the strand does: itself, or, in a transaction, the strand that began it.
    private Scope _strand;
    private ulong _fanOutPath;
    private long _seen;

    private Scope(FlowExecution run, StepExecution? step, long seen)
    {
        Run = run;
        Step = step;
        _strand = this;
        _seen = seen;
    }

    internal FlowExecution Run { get; }

    /// <summary>The step whose body this is; null in the flow's body.</summary>
    internal StepExecution? Step { get; }

    /// <summary>The innermost transaction around the code, in this step or outside it; null when there is none.</summary>
    internal TransactionStep? Transaction { get; private init; }

    /// <summary>The sequence of the step or transaction that the code stands in; 0 in the flow's body.</summary>
    internal int ParentSequence { get; private init; }

    /// <summary>Cancelled when the code is to stop.</summary>
    internal CancellationToken Token { get; private init; }

    /// <summary>Whether the code undoes something: what it does is not undone in its turn.</summary>
    internal bool IsUndoing { get; private init; }

    /// <summary>The execution of the flow's body that it belongs to (<see cref="FlowExecution.Body"/>).</summary>
    internal int Body { get; private init; }

    /// <summary>What earlier executions of this body left; null when this is the first.</summary>
    internal RunMemory? Memory { get; private init; }

    /// <summary>0 in a body; inside a fan-out a hash of which fan-out and which item, over all levels.</summary>
    internal ulong Path { get; private init; }

    /// <summary>The last ticket of the writer that this strand could have seen the record of.</summary>
    internal long Seen => Volatile.Read(ref _strand._seen);

    internal static Scope ForFlow(FlowExecution run, long seen) => new(run, null, seen)
    {
        Body = run.Body,
        Memory = run.Memory,
        Token = run.Token,
    };

    internal static Scope ForStep(StepExecution step, long seen) => new(step.Run, step, seen)
    {
        Body = step.Caller.Body,
        Memory = step.Inner ?? step.Caller.Memory,
        Transaction = step.Caller.Transaction,
        ParentSequence = step.Sequence,
        Token = step.Caller.Token,
        IsUndoing = step.Caller.IsUndoing,
    };

    /// <summary>Where undo steps are called: neither the run's end nor its cancellation stops them.</summary>
    internal static Scope ForUndo(FlowExecution run, int body, long seen) => new(run, null, seen)
    {
        Body = body,
        Token = run.UndoToken,
        IsUndoing = true,
    };

    internal Scope ForItem(ulong fanOut, int index) => new(Run, Step, Seen)
    {
        Body = Body,
        Memory = Memory,
        Transaction = Transaction,
        ParentSequence = ParentSequence,
        Path = Combine(fanOut, (ulong)index),
        _fanOutPath = Combine(fanOut, (ulong)index),
        Token = Token,
        IsUndoing = IsUndoing,
        _occurrences = Counted(),
    };

    /// <summary>The code inside a transaction: the same strand, so that what it calls is recognised as without one.</summary>
    internal Scope ForTransaction(TransactionStep transaction) => new(Run, Step, 0)
    {
        Body = Body,
        Memory = Memory,
        Transaction = transaction,
        ParentSequence = transaction.Sequence,
        Path = Path,
        Token = Token,
        _strand = _strand,
        _fanOutPath = Combine(Combine(Path, (ulong)transaction.Key.Hash.Value), (ulong)transaction.Key.Occurrence),
    };

    /// <summary>Identifies a fan-out among those that this strand starts; in a transaction among those in it, as not every execution comes by there.</summary>
    internal ulong NextFanOut() => Combine(_fanOutPath, (ulong)Interlocked.Increment(ref _fanOuts));

    /// <summary>Tells that the strand has got a result whose record has this ticket.</summary>
    internal void Saw(long ticket)
    {
        var seen = Volatile.Read(ref _strand._seen);
        while (ticket > seen)
        {
            var before = Interlocked.CompareExchange(ref _strand._seen, ticket, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    /// <summary>Which of the equal calls in this body the next one is.</summary>
    internal int NextOccurrence(UInt128 hash) => Counted().Next(hash);

    /// <summary>The how-manieth call from this place in this strand the next one is.</summary>
    internal int NextSiteOccurrence(ulong site) => LazyInitializer.EnsureInitialized(ref _strand._sites).Next(site);

    /// <summary>Counts the calls that were made inside a transaction whose code is not executed again, so that those behind it are recognised as what they are.</summary>
    internal void Pass(IEnumerable<StepRunRecord> inside)
    {
        foreach (var step in inside)
        {
            Counted().Pass(step.Key.Hash.Value, step.Key.Occurrence);
            LazyInitializer.EnsureInitialized(ref _strand._sites).Pass(step.Site.Site, step.Site.Occurrence);
        }
    }

    /// <summary>Keeps a line in the log of the step or flow.</summary>
    internal void Log(LogLevel level, string category, string message) => Run.Write(new LogLine
    {
        RunId = Run.Id,
        Sequence = Step?.Sequence ?? 0,
        Attempt = Step?.Attempt ?? Run.Record.Attempt,
        At = Run.Host.Now,
        Level = level,
        Category = category,
        Message = message,
    });

    /// <summary>Where the pieces of lines go that the strand writes to a stream.</summary>
    internal LineBuffer Lines(string category, LogLevel level) =>
        LazyInitializer.EnsureInitialized(ref _strand._lines).GetOrAdd(
            category, static (name, strand) => new LineBuffer(strand.Scope, strand.Level, name), (Scope: this, Level: level));

    /// <summary>The strand is at its end: what it wrote without an end of line is a line too.</summary>
    internal void EndLines()
    {
        if (_lines is null)
            return;
        foreach (var lines in _lines.Values)
            lines.Flush();
    }

    /// <summary>One hash of two, for paths.</summary>
    internal static ulong Combine(ulong left, ulong right)
    {
        ReadOnlySpan<ulong> both = [left, right];
        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(both));
    }

    // Most strands are bodies of steps that call none: they need neither this nor the counts of sites.
    private Occurrences Counted() => LazyInitializer.EnsureInitialized(ref _strand._occurrences);
}
