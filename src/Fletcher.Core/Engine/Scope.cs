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
    private long _seen;

    private Scope(FlowExecution run, StepExecution? step, Occurrences? occurrences, ulong path, long seen)
    {
        Run = run;
        Step = step;
        Body = step?.Caller.Body ?? run.Body;
        Memory = step is null ? run.Memory : step.Inner ?? step.Caller.Memory;
        Path = path;
        _occurrences = occurrences;
        _seen = seen;
    }

    internal FlowExecution Run { get; }

    /// <summary>The step whose body this is; null in the flow's body.</summary>
    internal StepExecution? Step { get; }

    /// <summary>The execution of the flow's body that it belongs to (<see cref="FlowExecution.Body"/>).</summary>
    internal int Body { get; }

    /// <summary>What earlier executions of this body left; null when this is the first.</summary>
    internal RunMemory? Memory { get; }

    /// <summary>0 in a body; inside a fan-out a hash of which fan-out and which item, over all levels.</summary>
    internal ulong Path { get; }

    /// <summary>The last ticket of the writer that this strand could have seen the record of.</summary>
    internal long Seen => Volatile.Read(ref _seen);

    internal static Scope ForFlow(FlowExecution run, long seen) => new(run, null, null, 0, seen);

    internal static Scope ForStep(StepExecution step, long seen) => new(step.Run, step, null, 0, seen);

    internal Scope ForItem(ulong fanOut, int index) =>
        new(Run, Step, Counted(), Combine(fanOut, (ulong)index), Seen);

    /// <summary>Identifies a fan-out among those that this strand starts.</summary>
    internal ulong NextFanOut() => Combine(Path, (ulong)Interlocked.Increment(ref _fanOuts));

    /// <summary>Tells that the strand has got a result whose record has this ticket.</summary>
    internal void Saw(long ticket)
    {
        var seen = Volatile.Read(ref _seen);
        while (ticket > seen)
        {
            var before = Interlocked.CompareExchange(ref _seen, ticket, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    /// <summary>Which of the equal calls in this body the next one is.</summary>
    internal int NextOccurrence(UInt128 hash) => Counted().Next(hash);

    /// <summary>The how-manieth call from this place in this strand the next one is.</summary>
    internal int NextSiteOccurrence(ulong site) => LazyInitializer.EnsureInitialized(ref _sites).Next(site);

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
        LazyInitializer.EnsureInitialized(ref _lines).GetOrAdd(
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
    private Occurrences Counted() => LazyInitializer.EnsureInitialized(ref _occurrences);
}
