using System.Collections.Concurrent;

namespace Fletcher.Torture.Plans;

/// <summary>A random flow: a tree of nodes, the same for the same seed in every process.</summary>
internal sealed class Plan
{
    private static readonly ConcurrentDictionary<ulong, Plan> Known = new();

    private readonly Dictionary<string, Node> _byPath;

    private Plan(ulong seed)
    {
        Seed = seed;
        Root = new PlanGenerator(seed).Generate();
        _byPath = Root.All().ToDictionary(node => node.Path, StringComparer.Ordinal);
    }

    public ulong Seed { get; }

    public Node Root { get; }

    /// <summary>How it is started.</summary>
    public Manner Manner => (Dice.Mix(Seed, 0x3A27) % 20) switch
    {
        < 8 => Manner.Called,
        < 14 => Manner.Served,
        < 17 => Manner.Failing,
        _ => Manner.Cancelled,
    };

    /// <summary>The value of the signal that a node waits for; the signal's name is the node's path.</summary>
    public ulong SignalOf(Node node) => Dice.Mix(Seed, node.Salt);

    public IEnumerable<Node> Nodes => _byPath.Values;

    public static Plan Of(ulong seed) => Known.GetOrAdd(seed, static seed => new Plan(seed));

    public Node this[string path] => _byPath[path];

    public Node? Find(string path) => _byPath.GetValueOrDefault(path);
}
