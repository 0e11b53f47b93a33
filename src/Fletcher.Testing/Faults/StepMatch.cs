using Fletcher.Engine;
using Fletcher.Model;

namespace Fletcher.Testing;

/// <summary>Which attempts of which step runs are meant.</summary>
/// <param name="step">The step's name.</param>
/// <param name="attempt">Which attempt, from 1; null for each.</param>
/// <param name="call">The how-manieth call of those that match, from 1; null for each.</param>
/// <param name="inputs">Says whether a call with these inputs is meant; null for all.</param>
internal sealed class StepMatch(string step, int? attempt, int? call, Func<StepInputs, bool>? inputs)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(RunId Run, int Sequence), int?> _calls = [];
    private int _count;

    /// <summary>Whether this attempt is meant. To be asked for each attempt, as calls are counted by it.</summary>
    internal bool Sees(StepExecution execution)
    {
        lock (_gate)
        {
            var key = (execution.Run.Id, execution.Sequence);
            if (!_calls.ContainsKey(key))
                _calls[key] = IsMeant(execution) ? ++_count : null;
        }

        return Meant(execution.Run.Id, execution.Sequence, execution.Attempt);
    }

    /// <summary>Whether this attempt of a step run that was seen is meant.</summary>
    internal bool Meant(RunId run, int sequence, int attempted)
    {
        lock (_gate)
        {
            return _calls.GetValueOrDefault((run, sequence)) is { } number
                && (call is null || call == number)
                && (attempt is null || attempt == attempted);
        }
    }

    /// <summary>Whether a name means a step: its stable name, its method's name, or the name of one run of it.</summary>
    internal static bool IsNamed(string name, string stableName, string? runName) =>
        name == stableName || name == runName || stableName.EndsWith("." + name, StringComparison.Ordinal);

    public override string ToString()
    {
        var text = $"'{step}'";
        if (attempt is not null)
            text += $", attempt {attempt}";
        if (call is not null)
            text += $", call {call}";
        return inputs is null ? text : text + ", with the inputs that the test chose";
    }

    private bool IsMeant(StepExecution execution) =>
        IsNamed(step, execution.Id, execution.Call.Name()) && (inputs is null || inputs(new StepInputs(execution.Call)));
}
