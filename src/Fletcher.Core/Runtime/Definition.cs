using System.ComponentModel;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Scheduling;

namespace Fletcher.Runtime;

/// <summary>What is known of a flow or step method when it is compiled. Made by generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class Definition
{
    private StepCode? _code;

    /// <summary>The stable name: the attribute's Id, or type and method.</summary>
    public required string Id { get; init; }

    /// <summary>The hash of the method's source; null where no source was seen.</summary>
    public string? SourceHash { get; init; }

    /// <summary>The file it is declared in; null where no source was seen.</summary>
    public string? File { get; init; }

    /// <summary>The line of its name, from 1; 0 where no source was seen.</summary>
    public int Line { get; init; }

    /// <summary>The summary of its documentation comment; null when it has none.</summary>
    public string? Summary { get; init; }

    /// <inheritdoc cref="StepAttribute.Limit"/>
    public string? Limit { get; init; }

    /// <inheritdoc cref="StepAttribute.LimitWeight"/>
    public int LimitWeight { get; init; } = 1;

    internal StepCode Code => _code ??= new StepCode(Id, SourceHash, File, Line);
}

/// <summary>A step method and its policy, as its attribute says. Durations are text and are read once.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class StepDefinition : Definition
{
    private StepPolicy? _policy;

    /// <inheritdoc cref="StepAttribute.Retries"/>
    public int Retries { get; init; }
    /// <inheritdoc cref="StepAttribute.Backoff"/>
    public string? Backoff { get; init; }
    /// <inheritdoc cref="StepAttribute.Jitter"/>
    public double Jitter { get; init; }
    /// <inheritdoc cref="StepAttribute.RetryOn"/>
    public IReadOnlyList<Type> RetryOn { get; init; } = [];
    /// <inheritdoc cref="StepAttribute.NoRetryOn"/>
    public IReadOnlyList<Type> NoRetryOn { get; init; } = [];
    /// <inheritdoc cref="StepAttribute.RetryIf"/>
    public Func<Exception, bool>? RetryIf { get; init; }
    /// <inheritdoc cref="StepAttribute.Timeout"/>
    public string? Timeout { get; init; }
    /// <inheritdoc cref="StepAttribute.TotalTimeout"/>
    public string? TotalTimeout { get; init; }
    /// <inheritdoc cref="StepAttribute.Delivery"/>
    public Delivery Delivery { get; init; }
    /// <inheritdoc cref="StepAttribute.ReadOnly"/>
    public bool ReadOnly { get; init; }
    /// <inheritdoc cref="StepAttribute.Cache"/>
    public string? Cache { get; init; }
    /// <inheritdoc cref="StepAttribute.CacheBy"/>
    public CacheBy CacheBy { get; init; }
    /// <inheritdoc cref="StepAttribute.OnDrift"/>
    public OnDrift OnDrift { get; init; }

    /// <inheritdoc cref="StepAttribute.Undo"/>
    public UndoDefinition? Undo { get; init; }

    internal StepPolicy Policy => _policy ??= new StepPolicy(this);
}

/// <summary>A flow method and its policy, as its attribute says.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class FlowDefinition : Definition
{
    private FlowPolicy? _policy;

    /// <inheritdoc cref="FlowAttribute.Retries"/>
    public int Retries { get; init; }
    /// <inheritdoc cref="FlowAttribute.Backoff"/>
    public string? Backoff { get; init; }
    /// <inheritdoc cref="FlowAttribute.Timeout"/>
    public string? Timeout { get; init; }
    /// <inheritdoc cref="FlowAttribute.OnFailure"/>
    public OnFailure OnFailure { get; init; }
    /// <inheritdoc cref="FlowAttribute.OnRerun"/>
    public OnRerun OnRerun { get; init; }

    /// <inheritdoc cref="FlowAttribute.MaxConcurrency"/>
    public int MaxConcurrency { get; init; }

    /// <inheritdoc cref="FlowAttribute.Isolation"/>
    public Isolation Isolation { get; init; }

    /// <inheritdoc cref="FlowAttribute.MemoryLimit"/>
    public string? MemoryLimit { get; init; }

    /// <inheritdoc cref="FlowAttribute.Schedule"/>
    public string? Schedule { get; init; }

    /// <inheritdoc cref="FlowAttribute.Zone"/>
    public string? Zone { get; init; }

    /// <inheritdoc cref="FlowAttribute.CatchUp"/>
    public CatchUpPolicy CatchUp { get; init; }

    /// <inheritdoc cref="FlowAttribute.Overlap"/>
    public OverlapPolicy Overlap { get; init; }

    /// <inheritdoc cref="FlowAttribute.KeepFor"/>
    public string? KeepFor { get; init; }

    /// <inheritdoc cref="FlowAttribute.KeepFailedFor"/>
    public string? KeepFailedFor { get; init; }

    /// <inheritdoc cref="FlowAttribute.KeepOnceFor"/>
    public string? KeepOnceFor { get; init; }

    /// <inheritdoc cref="FlowAttribute.Keep"/>
    public int Keep { get; init; }

    /// <inheritdoc cref="FlowAttribute.KeepFailed"/>
    public int KeepFailed { get; init; }

    /// <inheritdoc cref="FlowAttribute.Tags"/>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>JSON schema of the parameters object (draft 2020-12).</summary>
    public string? ParameterSchema { get; init; }

    /// <summary>Makes the call from named JSON values, so that the flow can be started by name.</summary>
    public Func<FlowArguments, Call>? Bind { get; init; }

    /// <summary>The steps that the body mentions, in order; null where no source was seen.</summary>
    public Func<FlowPlan>? Plan { get; init; }

    internal FlowPolicy Policy => _policy ??= new FlowPolicy(this);
}
