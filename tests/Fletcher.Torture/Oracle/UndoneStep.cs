using Fletcher.Model;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>A step run with an undo that the store has as completed, and all that is known of its undoing.</summary>
internal sealed record UndoneStep
{
    public required StoredStep Step { get; init; }

    public required string Path { get; init; }

    /// <summary>Where it is undone (<see cref="UndoScopes"/>).</summary>
    public required string? Scope { get; init; }

    /// <summary>Whether the store says that an undo of it completed.</summary>
    public required bool IsStored { get; init; }

    /// <summary>The line that it returned; null when there is none.</summary>
    public required Effect? Returned { get; init; }

    /// <summary>The first line that says that its undo began; null when none did.</summary>
    public required Effect? Begun { get; init; }

    /// <summary>The first line that says that its undo was done; null when none was.</summary>
    public required Effect? Done { get; init; }

    /// <summary>Those of a family of runs.</summary>
    public static List<UndoneStep> Of(Evidence evidence, StoredRun root, List<Effect> effects)
    {
        var plan = Plan.Of(root.Seed);
        var lines = effects.Where(effect => effect.Receipt.Length > 0).ToLookup(effect => (effect.Receipt, effect.Kind));
        var undos = evidence.Family(root)
            .SelectMany(run => run.Steps.Where(step => step is { Undoes: not 0, State: StepRunState.Completed }).Select(step => (step.UndoesRun ?? run.Id, step.Undoes)))
            .ToHashSet();
        return
        [
            .. from run in evidence.Family(root)
               from step in run.Steps
               where step is { Receipt: not null, State: StepRunState.Completed }
               select new UndoneStep
               {
                   Step = step,
                   Path = step.Path!,
                   Scope = UndoScopes.Of(plan, step.Path!),
                   IsStored = undos.Contains((run.Id, step.Sequence)),
                   Returned = lines[(step.Receipt!, EffectKind.Returned)].FirstOrDefault(),
                   Begun = lines[(step.Receipt!, EffectKind.Undoing)].FirstOrDefault(),
                   Done = lines[(step.Receipt!, EffectKind.Undone)].FirstOrDefault(),
               },
        ];
    }
}
