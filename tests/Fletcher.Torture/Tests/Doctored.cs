using Fletcher.Model;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Oracle;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Tests;

/// <summary>Changes evidence as a broken engine would make it.</summary>
internal static class Doctored
{
    public static StoredRun Root(this Evidence evidence) => evidence.Runs.Single(run => run.Id == run.Root);

    public static Plan Plan(this Evidence evidence) => Plans.Plan.Of(evidence.Seeds[0]);

    /// <summary>The line that says this of a node.</summary>
    public static Effect Line(this Evidence evidence, EffectKind kind, Node node) =>
        evidence.Effects.First(effect => effect.Kind == kind && effect.Path == node.Path);

    /// <summary>With one more line, behind all others.</summary>
    public static Evidence Append(this Evidence evidence, Effect effect) =>
        evidence with { Effects = [.. evidence.Effects, effect with { Offset = evidence.Effects[^1].Offset + 1000 }] };

    public static Evidence Without(this Evidence evidence, Effect effect) =>
        evidence with { Effects = [.. evidence.Effects.Where(other => other != effect)] };

    public static Evidence WithRoot(this Evidence evidence, Func<StoredRun, StoredRun> change) =>
        evidence with { Runs = [.. evidence.Runs.Select(run => run.Id == run.Root ? change(run) : run)] };

    public static Evidence WithStep(this Evidence evidence, Node node, Func<StoredStep, StoredStep> change) => evidence with
    {
        Runs = [.. evidence.Runs.Select(run => run with { Steps = [.. run.Steps.Select(step => step.Path == node.Path ? change(step) : step)] })],
    };

    /// <summary>As if the step run had been seen in the store, completed, before any line behind this place.</summary>
    public static Evidence Seen(this Evidence evidence, Node node, long offset)
    {
        var run = evidence.Runs.First(run => run.Steps.Any(step => step.Path == node.Path));
        var step = run.Steps.Single(step => step.Path == node.Path);
        return evidence with { Committed = [new CommittedStep(run.Id, run.Root, 1, offset, step)] };
    }

    /// <summary>What stands in the store for the undo of a node.</summary>
    public static Node Undo(this Evidence evidence, Node node) => evidence.Plan()[node.Path] with { Path = $"undo {node.Path}" };

    /// <summary>With another line in the place of the first that says this of a node.</summary>
    public static Evidence Change(this Evidence evidence, Node node, EffectKind kind, Func<Effect, Effect> change)
    {
        var line = evidence.Line(kind, node);
        return evidence with { Effects = [.. evidence.Effects.Select(other => other == line ? change(line) : other)] };
    }

    /// <summary>As if nobody had begun to undo it.</summary>
    public static Evidence NotUndone(this Evidence evidence, Node node) => evidence
        .WithStep(node, step => step with { IsDiscarded = false })
        .WithStep(evidence.Undo(node), step => step with { State = StepRunState.NotRun }) with
    {
        Effects = [.. evidence.Effects.Where(effect => effect.Path != node.Path || effect.Kind is EffectKind.Began or EffectKind.Returned or EffectKind.Failed)],
    };

    /// <summary>As if nobody knew whether it took effect.</summary>
    public static Evidence InDoubt(this Evidence evidence, Node node) => evidence.WithStep(node, step => step with { State = StepRunState.Unknown });
}
