namespace Fletcher.Torture.Plans;

/// <summary>Makes a random tree of nodes of a seed.</summary>
internal sealed class PlanGenerator(ulong seed)
{
    private const int MaxDepth = 4;

    private static readonly NodeKind[] Composites =
    [
        NodeKind.Sequence, NodeKind.Together, NodeKind.Together, NodeKind.Map, NodeKind.MapOfSteps,
        NodeKind.SubFlow, NodeKind.SubFlow, NodeKind.SubFlowTwice, NodeKind.Outer, NodeKind.Outer, NodeKind.OuterOnce,
        NodeKind.OuterReserve, NodeKind.Transaction, NodeKind.Transaction,
    ];

    private static readonly NodeKind[] Leaves =
    [
        NodeKind.Work, NodeKind.Work, NodeKind.Work, NodeKind.Read, NodeKind.Read, NodeKind.Flaky, NodeKind.Flaky, NodeKind.Once,
        NodeKind.Once, NodeKind.OnceFlaky, NodeKind.Large, NodeKind.LargeText, NodeKind.Remembers,
        NodeKind.Reserve, NodeKind.Reserve, NodeKind.ReserveOnce, NodeKind.ReserveUndoOnce,
        NodeKind.Sleep, NodeKind.Signal, NodeKind.NoSignal,
    ];

    private readonly Dice _dice = new(seed);
    private int _left;

    public Node Generate()
    {
        _left = _dice.Between(5, 35);
        return Compose("", NodeKind.Sequence, 0);
    }

    /// <summary>
    /// Remembered values and transactions have nothing to be recognised by but the order in which they are asked for. Where strands of one body race
    /// for them (a <c>Task.WhenAll</c> of several steps each; not a <c>Flow.Map</c>) that order is another one after a crash.
    /// </summary>
    private NodeKind Kind(string path) => Kind(path, Leaves);

    private NodeKind Kind(string path, NodeKind[] kinds) => (_dice.Pick(kinds), Paths.IsInRace(path)) switch
    {
        (NodeKind.Remembers, true) => NodeKind.Work,
        (NodeKind.ReserveOnce, true) => NodeKind.Reserve, // see RandomSteps.OnceInRace
        (NodeKind.Transaction, true) => NodeKind.Sequence,
        (var kind, _) => kind,
    };

    private Node Any(string path, int depth) => _left > 0 && depth < MaxDepth && _dice.Percent(35)
        ? Compose(path, Kind(path, Composites), depth)
        : Leaf(path, Kind(path));

    private Node Compose(string path, NodeKind kind, int depth)
    {
        var salt = _dice.Next();
        var node = new Node(path, kind, salt, []) { Milliseconds = _dice.Below(10) };
        return kind switch
        {
            NodeKind.Sequence => node with { Children = Several(i => Any($"{path}/s{i}", depth + 1)) },
            NodeKind.Together => node with { Children = Several(i => Any($"{path}/t{i}", depth + 1)) },
            NodeKind.Map => node with { Children = Several(i => Any($"{path}/p{i}", depth + 1)), Concurrency = _dice.Between(1, 4) },
            NodeKind.MapOfSteps => node with { Children = Several(i => Leaf($"{path}/p{i}", NodeKind.Item)), Concurrency = _dice.Between(1, 4) },
            NodeKind.SubFlow => node with { Children = Inside(path, depth), Failures = _dice.Percent(20) ? Node.Always : 0 },
            NodeKind.Outer => node with { Children = Inside(path, depth), Failures = Failures(), HeedsToken = _dice.Percent(50) },
            NodeKind.OuterOnce => node with { Children = Inside(path, depth), Failures = _dice.Percent(20) ? Node.Always : 0 },
            NodeKind.OuterReserve => Undoable(node with { Children = Inside(path, depth), Failures = _dice.Between(0, 2) }),
            NodeKind.Transaction => Transaction(node, depth),
            _ => node with { Children = Inside(path, depth) },
        };
    }

    private List<Node> Several(Func<int, Node> make)
    {
        var children = new List<Node>();
        for (var count = _dice.Between(2, 6); children.Count < count;)
            children.Add(make(children.Count));
        return children;
    }

    private Node[] Inside(string path, int depth) => [Compose($"{path}/i", NodeKind.Sequence, depth + 1)];

    private Node Transaction(Node node, int depth)
    {
        var inside = Compose($"{node.Path}/x", NodeKind.Sequence, depth + 1);
        if (_dice.Percent(50))
            return node with { Children = [inside] };
        return node with
        {
            Failures = Node.Always,
            Children = _dice.Percent(30) ? [inside, Leaf($"{node.Path}/z", NodeKind.Reserve)] : [inside],
        };
    }

    private Node Undoable(Node node) => node with { UndoMilliseconds = Work(), UndoFailures = _dice.Percent(20) ? _dice.Between(1, 2) : 0 };

    private Node Leaf(string path, NodeKind kind)
    {
        _left--;
        var leaf = new Node(path, kind, _dice.Next(), [])
        {
            Milliseconds = kind is NodeKind.Sleep or NodeKind.NoSignal ? Wait() : Work(),
            HeedsToken = _dice.Percent(50),
            Failures = kind switch
            {
                NodeKind.Flaky or NodeKind.OnceFlaky => Failures(),
                NodeKind.NoSignal => Node.Always,
                NodeKind.Once => _dice.Percent(20) ? Node.Always : 0,
                _ => 0,
            },
        };
        return leaf.IsUndoable ? Undoable(leaf) : leaf;
    }

    // Most are quick, and some long enough to be marked as running.
    private int Work() => _dice.Percent(3) ? _dice.Between(200, 400) : _dice.Percent(50) ? _dice.Below(4) : _dice.Below(40);

    // More than a second, or the run is not parked for it.
    private int Wait() => _dice.Percent(30) ? _dice.Between(1200, 2200) : _dice.Between(1, 300);

    private int Failures() => _dice.Percent(15) ? Node.Always : _dice.Between(0, 2);
}
