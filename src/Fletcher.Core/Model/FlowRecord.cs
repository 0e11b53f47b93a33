namespace Fletcher.Model;

/// <summary>What hosts say about a flow that they take, so that it can be started by programs that do not have it.</summary>
public sealed record FlowRecord
{
    /// <summary>The stable name, such as <c>Billing.InvoiceMonth</c>.</summary>
    public required string Name { get; init; }

    /// <summary>JSON schema of the parameters object (draft 2020-12); null when it is not known.</summary>
    public string? ParameterSchema { get; init; }

    /// <summary>The summary of its documentation comment; null when it has none.</summary>
    public string? Summary { get; init; }

    /// <summary>The words that each run of it is found by.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The hash of the method's source; null where no source was seen.</summary>
    public string? SourceHash { get; init; }

    /// <summary>The version of the program that said so; null when it has none.</summary>
    public string? CodeVersion { get; init; }

    /// <summary>When it was said (UTC), by the clock of the host.</summary>
    public required DateTimeOffset PublishedAt { get; init; }
}
