using Fletcher.Engine;
using Fletcher.Model;
using Microsoft.Extensions.Logging;

namespace Fletcher;

/// <summary>The flow run, and the step run if there is one, that the calling code belongs to.</summary>
public sealed class FlowContext
{
    private readonly Scope _scope;

    internal FlowContext(Scope scope) => _scope = scope;

    /// <summary>The flow run.</summary>
    public RunId RunId => _scope.Run.Id;

    /// <summary>The stable name of the flow.</summary>
    public string Flow => _scope.Run.Record.Flow;

    /// <summary>The run's name from its template; null without one.</summary>
    public string? Name => _scope.Run.Record.Name;

    /// <summary>Which execution of the flow's body this is, from 1 over retries and resumes.</summary>
    public int FlowAttempt => _scope.Run.Record.Attempt;

    /// <summary>The stable name of the step; null in the flow's own body.</summary>
    public string? Step => _scope.Step?.Id;

    /// <summary>The step run's number within the flow run; 0 in the flow's own body.</summary>
    public int StepSequence => _scope.Step?.Sequence ?? 0;

    /// <summary>Which attempt of the step this is, from 1; 0 in the flow's own body.</summary>
    public int StepAttempt => _scope.Step?.Attempt ?? 0;

    /// <summary>Cancelled when the run is to stop.</summary>
    public CancellationToken CancellationToken => _scope.Token;

    /// <summary>A logger whose lines are kept with the step run, or with the flow run in the flow's own body.</summary>
    public ILogger Logger { get; } = new RunLogger("Fletcher.Run");

    /// <summary>Adds a tag to the flow run, by which it can be found.</summary>
    public void AddTag(string tag)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tag);
        _scope.Run.AddTag(tag);
    }
}
