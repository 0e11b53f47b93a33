using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Diagnosis;

/// <summary>Finds the last time the failed step went well, and what differs.</summary>
internal static class ChangeFinder
{
    /// <summary>The comparison; null when the step is not known to have gone well in any other run.</summary>
    internal static async ValueTask<SuccessComparison?> FindAsync(
        IRunStore store, FlowRunRecord run, StepRunRecord step, CancellationToken cancellationToken)
    {
        var success = await store.FindLastSuccessAsync(run.Flow, step.Step.Name, run.Id, cancellationToken).ConfigureAwait(false);
        if (success is null)
            return null;

        var then = await store.GetFlowRunAsync(success.RunId, cancellationToken).ConfigureAwait(false);
        var stepsThen = await ReadReferencesAsync(store, success, cancellationToken).ConfigureAwait(false);
        var stepsNow = await ReadReferencesAsync(store, step, cancellationToken).ConfigureAwait(false);
        return new SuccessComparison
        {
            RunId = success.RunId,
            At = success.EndedAt,
            Inputs = InputDiff.Compare(
                success.Inputs, step.Inputs,
                n => stepsThen.TryGetValue(n, out var reference) ? reference : null,
                n => stepsNow.TryGetValue(n, out var reference) ? reference : null),
            Parameters = then is null ? [] : InputDiff.Compare(then.Parameters, run.Parameters),
            CodeVersionThen = then?.CodeVersion,
            CodeVersionNow = run.CodeVersion,
            SourceChanged = success.Step.SourceHash is { } old && step.Step.SourceHash is { } now ? old != now : null,
        };
    }

    /// <summary>What the step results among the inputs of a step run are.</summary>
    internal static async ValueTask<IReadOnlyDictionary<int, StepReference>> ReadReferencesAsync(
        IRunStore store, StepRunRecord step, CancellationToken cancellationToken)
    {
        var references = new Dictionary<int, StepReference>();
        var wanted = StepMarkers.ReadSteps(step.Inputs);
        if (wanted.Count == 0)
            return references;

        var last = wanted.Max();
        await foreach (var other in store.GetStepRunsAsync(step.RunId, cancellationToken).ConfigureAwait(false))
        {
            if (other.Sequence > last)
                break;
            if (wanted.Contains(other.Sequence) && other.Result is { } result)
                references[other.Sequence] = new StepReference(other.Step.Name, result.Hash, result.Length);
        }
        return references;
    }
}
