using Fletcher.Torture.Effects;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>All that is known when it is over; what the oracle judges.</summary>
internal sealed record Evidence
{
    /// <summary>The seeds of the flows that were called.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>What the processes did, in the order in which it happened.</summary>
    public required IReadOnlyList<Effect> Effects { get; init; }

    /// <summary>What the store holds at the end.</summary>
    public required IReadOnlyList<StoredRun> Runs { get; init; }

    /// <summary>What was seen in the store on the way.</summary>
    public IReadOnlyList<CommittedStep> Committed { get; init; } = [];

    /// <summary>What callers were told.</summary>
    public IReadOnlyList<Answer> Answers { get; init; } = [];

    /// <summary>What went wrong in the processes.</summary>
    public IReadOnlyList<Violation> Troubles { get; init; } = [];

    /// <summary>What SQLite says of its file.</summary>
    public string Integrity { get; init; } = "ok";

    /// <summary>The outermost runs, each with what was done in it.</summary>
    public IEnumerable<(StoredRun Run, List<Effect> Effects)> Families()
    {
        var byRoot = Effects.ToLookup(effect => effect.Root, StringComparer.Ordinal);
        return Runs.Where(run => run.Root == run.Id).Select(run => (run, byRoot[run.Id].ToList()));
    }

    /// <summary>The nodes of a family of runs of which the store says that nobody knows whether they took effect.</summary>
    public HashSet<string> Unknown(StoredRun root) => Family(root)
        .SelectMany(run => run.Steps)
        .Where(step => step is { State: Model.StepRunState.Unknown, Path: not null, Undoes: 0 })
        .Select(step => step.Path!)
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>The runs of a family.</summary>
    public IEnumerable<StoredRun> Family(StoredRun root) => Runs.Where(run => run.Root == root.Id);

    /// <summary>Whether an undo in the family may or may not have taken effect: then what was to be undone after it is not.</summary>
    public bool IsHalfUndone(StoredRun root) => Family(root).SelectMany(run => run.Steps).Any(step => step is { Undoes: not 0, State: Model.StepRunState.Unknown });
}
