using Fletcher.Model;

namespace Fletcher.Diagnosis;

/// <summary>What differs between a failed step run and the last one of the same step that went well.</summary>
public sealed record SuccessComparison
{
    /// <summary>The flow run in which it went well.</summary>
    public required RunId RunId { get; init; }

    /// <summary>When it went well (UTC).</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>In what the inputs of the step differ.</summary>
    public IReadOnlyList<InputDifference> Inputs { get; init; } = [];

    /// <summary>In what the parameters of the flow differ.</summary>
    public IReadOnlyList<InputDifference> Parameters { get; init; } = [];

    /// <summary>The version of the program then; null when it is not known.</summary>
    public string? CodeVersionThen { get; init; }

    /// <summary>The version of the program now; null when it is not known.</summary>
    public string? CodeVersionNow { get; init; }

    /// <summary>Whether the source of the step differs; null when it is not known.</summary>
    public bool? SourceChanged { get; init; }

    /// <summary>Whether two known versions of the program differ.</summary>
    public bool VersionChanged =>
        CodeVersionThen is not null && CodeVersionNow is not null && CodeVersionThen != CodeVersionNow;

    /// <summary>Whether neither code nor inputs differ, as far as they are known: then the world outside did.</summary>
    public bool NothingChanged => Inputs.Count == 0 && Parameters.Count == 0 && !VersionChanged && SourceChanged != true;
}
