using System.Globalization;
using System.Text.Json;
using Fletcher.Diagnosis;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// A run and its step runs, with who is inside whom and whose result went into whom. Made in one pass, so a run of a million step runs is no
/// worse than ten of a hundred thousand.
/// </summary>
internal sealed class RunHistory
{
    private readonly Dictionary<int, StepRunRecord> _bySequence = [];
    private readonly Dictionary<int, List<int>> _inside = [];
    private readonly Dictionary<int, List<(int Sequence, string Input)>> _dependents = [];
    private readonly Dictionary<int, List<int>> _undos = [];

    private RunHistory(FlowRunRecord run) => Run = run;

    internal FlowRunRecord Run { get; }

    /// <summary>The step runs that count, by sequence.</summary>
    internal IReadOnlyCollection<StepRunRecord> Steps => _bySequence.Values;

    /// <summary>The highest sequence in use, also by those that do not count.</summary>
    internal int LastSequence { get; private set; }

    internal static async ValueTask<RunHistory> ReadAsync(IRunStore store, FlowRunRecord run, CancellationToken cancellationToken)
    {
        var history = new RunHistory(run);
        await foreach (var step in store.GetStepRunsAsync(run.Id, cancellationToken).ConfigureAwait(false))
        {
            history.LastSequence = step.Sequence;
            if (!step.Discarded)
                history.Add(step);
        }

        return history;
    }

    internal StepRunRecord? Find(int sequence) => _bySequence.GetValueOrDefault(sequence);

    /// <summary>The sequences of those that this one called.</summary>
    internal IReadOnlyList<int> InsideOf(int sequence) => _inside.GetValueOrDefault(sequence) ?? [];

    /// <summary>Those that were given the result of this one, and as which input.</summary>
    internal IReadOnlyList<(int Sequence, string Input)> DependentsOf(int sequence) => _dependents.GetValueOrDefault(sequence) ?? [];

    /// <summary>The sequences of those that undo this one.</summary>
    internal IReadOnlyList<int> UndosOf(int sequence) => _undos.GetValueOrDefault(sequence) ?? [];

    /// <exception cref="FletcherUsageException">There is no such step run, or there are several.</exception>
    internal StepRunRecord Select(StepSelector which)
    {
        if (which.Sequence is { } sequence)
        {
            return Find(sequence) ?? throw new FletcherUsageException(
                "FLT1505", $"Flow run {Run.Id} of '{Run.Flow}' has no step run {sequence} that counts. Its step runs: {Names(Steps)}.");
        }

        var name = which.Name!;
        var found = Steps.Where(step => !step.Superseded && IsNamed(step, name)).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new FletcherUsageException(
                "FLT1505", $"Flow run {Run.Id} of '{Run.Flow}' has no step run '{name}'. Its step runs: {Names(Steps)}."),
            _ => throw new FletcherUsageException(
                "FLT1505", $"'{name}' fits {found.Count} step runs of flow run {Run.Id} of '{Run.Flow}': {Names(found)}. Name one by its sequence."),
        };
    }

    /// <summary>A step run for people: <c>step run 3 'Billing.Send'</c>.</summary>
    internal static string Show(StepRunRecord step) => string.Create(CultureInfo.InvariantCulture, $"step run {step.Sequence} '{step.Name ?? step.Step.Name}'");

    private void Add(StepRunRecord step)
    {
        _bySequence.Add(step.Sequence, step);
        if (step.ParentSequence != 0)
            Add(_inside, step.ParentSequence, step.Sequence);
        if (step.Undoes != 0)
            Add(_undos, step.Undoes, step.Sequence);
        foreach (var (result, input) in ReadInputs(step.Inputs))
            Add(_dependents, result, (step.Sequence, input));
    }

    /// <summary>Which inputs are results of other step runs. Only a whole input is ever one, so nothing deeper is read.</summary>
    private static List<(int Result, string Input)> ReadInputs(byte[]? inputs)
    {
        List<(int Result, string Input)> found = [];
        if (inputs is null || !inputs.AsSpan().ContainsAny(StepMarkers.Values))
            return found;
        try
        {
            using var json = JsonDocument.Parse(inputs, new JsonDocumentOptions { MaxDepth = 1024 });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return found;
            foreach (var input in json.RootElement.EnumerateObject())
            {
                if (StepMarkers.TryReadStep(input.Value, out var sequence))
                    found.Add((sequence, input.Name));
            }
        }
        catch (JsonException)
        {
            // Whatever this is, it names no steps.
        }

        return found;
    }

    private static bool IsNamed(StepRunRecord step, string name) =>
        step.Name == name || step.Step.Name == name
        || (step.Step.Name.Length > name.Length && step.Step.Name.EndsWith(name, StringComparison.Ordinal) && step.Step.Name[^(name.Length + 1)] == '.');

    private static string Names(IReadOnlyCollection<StepRunRecord> steps)
    {
        const int most = 10;
        if (steps.Count == 0)
            return "none";
        var names = string.Join(", ", steps.Take(most).Select(step => string.Create(CultureInfo.InvariantCulture, $"{step.Sequence} '{step.Name ?? step.Step.Name}'")));
        return steps.Count > most ? string.Create(CultureInfo.InvariantCulture, $"{names} and {steps.Count - most} more") : names;
    }

    private static void Add<T>(Dictionary<int, List<T>> lists, int key, T value)
    {
        if (!lists.TryGetValue(key, out var list))
            lists[key] = list = [];
        list.Add(value);
    }
}
