namespace Fletcher.Model.Tests.Exploring;

/// <summary>
/// Goes through every state that a system can reach, breadth first, so that the first violation it meets is one of the nearest.
/// When nothing is broken on the way, it looks at the whole graph: a state that is no end and has no next one is a deadlock, and
/// a state from which no end can be reached any more is a livelock.
/// </summary>
internal sealed class Explorer(ISystem system)
{
    internal const string Deadlock = "NoDeadlock";
    internal const string NoWayToAnEnd = "EveryRunEnds";

    private readonly ISystem _system = system;
    private readonly Dictionary<byte[], int> _known = new(BytesComparer.Instance);
    private readonly List<byte[]> _states = [];
    private readonly List<int> _parents = [];
    private readonly List<int> _depths = [];
    private readonly List<int> _targets = [];
    private readonly List<int> _targetsFrom = [];

    /// <summary>Explores everything.</summary>
    /// <exception cref="InvalidOperationException">There are more states than <paramref name="limit"/>: nothing is known then.</exception>
    internal Exploration Explore(int limit)
    {
        var transitions = new List<Transition>();
        Add(_system.Canonical(_system.Start), parent: -1, depth: 0);
        for (var current = 0; current < _states.Count; current++)
        {
            var state = _states[current];
            transitions.Clear();
            _system.Next(state, transitions);
            _targetsFrom.Add(_targets.Count);
            foreach (var transition in transitions)
            {
                if (_system.Check(state, transition) is { } violation)
                    return Result(violation, TraceTo(current, violation.Property));
                _targets.Add(Add(_system.Canonical(transition.State), current, _depths[current] + 1));
            }

            if (transitions.Count == 0 && !_system.IsEnd(state))
                return Result(new Violation(Deadlock, "nothing can happen any more, and this is no end"), TraceTo(current, null));
            if (_states.Count > limit)
                throw new InvalidOperationException($"More than {limit:N0} states: give the explorer a higher limit or a smaller scenario.");
        }

        _targetsFrom.Add(_targets.Count);
        return FirstWithoutEnd() is { } stuck
            ? Result(new Violation(NoWayToAnEnd, "from here no end can be reached any more"), TraceTo(stuck, null))
            : Result(null, []);
    }

    private Exploration Result(Violation? violation, IReadOnlyList<string> trace) =>
        new(_states.Count, _targets.Count, _states.Count(_system.IsEnd), _depths[^1], violation, trace);

    private int Add(byte[] state, int parent, int depth)
    {
        if (_known.TryGetValue(state, out var index))
            return index;
        index = _states.Count;
        _known.Add(state, index);
        _states.Add(state);
        _parents.Add(parent);
        _depths.Add(depth);
        return index;
    }

    /// <summary>Goes backwards from all ends; the first state that was not met is the nearest that is stuck.</summary>
    private int? FirstWithoutEnd()
    {
        var sources = new int[_targets.Count];
        var sourcesFrom = new int[_states.Count + 1];
        foreach (var target in _targets)
            sourcesFrom[target + 1]++;
        for (var i = 0; i < _states.Count; i++)
            sourcesFrom[i + 1] += sourcesFrom[i];
        var next = sourcesFrom.ToArray();
        for (var source = 0; source < _states.Count; source++)
        {
            for (var i = _targetsFrom[source]; i < _targetsFrom[source + 1]; i++)
                sources[next[_targets[i]]++] = source;
        }

        var met = new bool[_states.Count];
        var open = new Stack<int>();
        void Meet(int state)
        {
            if (met[state])
                return;
            met[state] = true;
            open.Push(state);
        }

        for (var i = 0; i < _states.Count; i++)
        {
            if (_system.IsEnd(_states[i]))
                Meet(i);
        }

        while (open.TryPop(out var state))
        {
            for (var i = sourcesFrom[state]; i < sourcesFrom[state + 1]; i++)
                Meet(sources[i]);
        }

        var first = Array.IndexOf(met, false);
        return first < 0 ? null : first;
    }

    /// <summary>
    /// The moves from the start to a state, and the one that breaks the property if one is named. States are stored under their
    /// canonical names, so the way is gone once more with the names as they are from the start.
    /// </summary>
    private List<string> TraceTo(int index, string? broken)
    {
        var path = new Stack<byte[]>();
        for (; _parents[index] >= 0; index = _parents[index])
            path.Push(_states[index]);

        var trace = new List<string>();
        var state = _system.Start;
        foreach (var canonical in path)
        {
            var step = NextOf(state).First(next => BytesComparer.Instance.Equals(_system.Canonical(next.State), canonical));
            trace.Add(step.Move.ToString());
            state = step.State;
        }

        if (broken is not null)
        {
            var last = NextOf(state).First(next => _system.Check(state, next)?.Property == broken);
            trace.Add(last.Move.ToString());
            state = last.State;
        }

        trace.Add(_system.Describe(state));
        return trace;
    }

    private List<Transition> NextOf(byte[] state)
    {
        var transitions = new List<Transition>();
        _system.Next(state, transitions);
        return transitions;
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>
    {
        internal static readonly BytesComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] bytes)
        {
            var hash = new HashCode();
            hash.AddBytes(bytes);
            return hash.ToHashCode();
        }
    }
}
