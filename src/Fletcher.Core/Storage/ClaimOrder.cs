using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// Goes through runs that are due in the order that <see cref="ClaimRequest"/> says, with some seeks in an index for each run and each key:
/// nothing is counted, sorted or kept between two claims. For stores that can seek without a detour over a network.
/// </summary>
public static class ClaimOrder
{
    /// <summary>The runs in their order. Whoever enumerates them claims each before going to the next, or says that it could not be had.</summary>
    /// <param name="sources">Runs that are due, each of one flow: what it has of a priority is sought when it is needed.</param>
    /// <param name="request">What a host asks for; <see cref="ClaimRequest.Limit"/> is the caller's to heed.</param>
    public static IEnumerable<ClaimCandidate> Of(IReadOnlyList<IClaimSource> sources, ClaimRequest request)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(request);
        return Walk(sources, request);
    }

    private static IEnumerable<ClaimCandidate> Walk(IReadOnlyList<IClaimSource> sources, ClaimRequest request)
    {
        var room = new FlowRoom(request.Room);
        var open = sources.Select(source => (Source: source, Priority: source.NextPriority(null))).Where(s => s.Priority is not null).ToList();
        while (open.Count > 0)
        {
            var priority = open.Max(s => s.Priority!.Value);
            var here = open.Where(s => s.Priority == priority).Select(s => s.Source).ToList();
            foreach (var candidate in Round(here, priority, request.LastServed.GetValueOrDefault(priority), room))
                yield return candidate;
            open =
            [
                .. open.Select(s => s.Priority == priority ? (s.Source, s.Source.NextPriority(priority)) : s)
                    .Where(s => s.Item2 is not null && room.Has(s.Source.Flow)),
            ];
        }
    }

    private static IEnumerable<ClaimCandidate> Round(List<IClaimSource> sources, int priority, string? last, FlowRoom room)
    {
        var turns = new Queue<KeyTurn>();
        foreach (var (key, having) in Keys(sources, priority, last))
        {
            var turn = new KeyTurn(having, priority, key);
            if (turn.Next(room) is not { } candidate)
                continue;
            turns.Enqueue(turn);
            yield return candidate;
        }

        // From the second round on only those keys are asked that had something, in the order of the first.
        while (turns.TryDequeue(out var turn))
        {
            if (turn.Next(room) is not { } candidate)
                continue;
            turns.Enqueue(turn);
            yield return candidate;
        }
    }

    /// <summary>The keys from behind the last one on, then those up to it, each with the sources that have it.</summary>
    private static IEnumerable<(string Key, List<IClaimSource> Sources)> Keys(List<IClaimSource> sources, int priority, string? last)
    {
        foreach (var found in Keys(sources, priority, last, null))
            yield return found;
        if (last is null)
            yield break;
        foreach (var found in Keys(sources, priority, null, last))
            yield return found;
    }

    private static IEnumerable<(string Key, List<IClaimSource> Sources)> Keys(List<IClaimSource> sources, int priority, string? after, string? upTo)
    {
        var next = sources.Select(source => source.NextKey(priority, after)).ToArray();
        while (next.Where(key => key is not null).Min(CodePointOrder.Instance) is { } first
            && (upTo is null || CodePointOrder.Instance.Compare(first, upTo) <= 0))
        {
            yield return (first, [.. sources.Where((_, i) => next[i] == first)]);
            for (var i = 0; i < next.Length; i++)
            {
                if (next[i] == first)
                    next[i] = sources[i].NextKey(priority, first);
            }
        }
    }

    /// <summary>The runs of one key, the longest due first, over all sources that have some.</summary>
    private sealed class KeyTurn(List<IClaimSource> sources, int priority, string key)
    {
        private readonly Ahead[] _ahead = [.. sources.Select(source => new Ahead(source, priority, key))];

        public ClaimCandidate? Next(FlowRoom room)
        {
            Ahead? oldest = null;
            foreach (var ahead in _ahead)
            {
                if (room.Has(ahead.Source.Flow) && ahead.Peek() is { } due && (oldest is null || due < oldest.Peek()))
                    oldest = ahead;
            }

            return oldest is null ? null : new ClaimCandidate(oldest.Source.Flow, oldest.Take().Run, room);
        }
    }

    /// <summary>What was read of a source and not given out. One at first, as many keys have few; then more and more.</summary>
    private sealed class Ahead(IClaimSource source, int priority, string key)
    {
        private const int MostAtOnce = 128;

        private IReadOnlyList<DueRun> _read = [];
        private int _given;
        private int _atOnce = 1;
        private DueRun? _last;
        private bool _isDone;

        public IClaimSource Source => source;

        public DueRun? Peek()
        {
            if (_given == _read.Count && !_isDone)
            {
                _read = source.Oldest(priority, key, _last, _atOnce);
                _given = 0;
                _isDone = _read.Count < _atOnce;
                _atOnce = Math.Min(_atOnce * 4, MostAtOnce);
            }

            return _given < _read.Count ? _read[_given] : null;
        }

        public DueRun Take()
        {
            var taken = _read[_given++];
            _last = taken;
            return taken;
        }
    }
}

/// <summary>A run whose turn it is.</summary>
public readonly struct ClaimCandidate
{
    private readonly FlowRoom _room;

    internal ClaimCandidate(string flow, RunId run, FlowRoom room) => (Flow, Run, _room) = (flow, run, room);

    /// <summary>The flow.</summary>
    public string Flow { get; }

    /// <summary>The run.</summary>
    public RunId Run { get; }

    /// <summary>Says that it was claimed: it counts for the room that its flow has.</summary>
    public void NoteClaimed() => _room.Take(Flow);
}

/// <summary>How many more runs a host takes of each flow.</summary>
internal sealed class FlowRoom(IReadOnlyDictionary<string, int> given)
{
    private readonly Dictionary<string, int> _left = new(given, StringComparer.Ordinal);

    internal bool Has(string flow) => !_left.TryGetValue(flow, out var left) || left > 0;

    internal void Take(string flow)
    {
        if (_left.TryGetValue(flow, out var left))
            _left[flow] = left - 1;
    }
}
