namespace Fletcher.Model;

/// <summary>What kind of thing failed.</summary>
public enum FailureClass
{
    /// <summary>The program: a bug in the step or in the flow.</summary>
    Code = 0,
    /// <summary>The data it was given.</summary>
    Input = 1,
    /// <summary>Something it called: a database, a service, the network.</summary>
    Dependency = 2,
    /// <summary>It took longer than it was allowed to.</summary>
    Timeout = 3,
    /// <summary>The machine or the process under it.</summary>
    Infrastructure = 4,
    /// <summary>How it was set up: credentials, addresses, missing settings.</summary>
    Configuration = 5,
    /// <summary>It was asked to stop.</summary>
    Cancelled = 6,
}

/// <summary>An exception as it is kept: everything a reader needs, nothing that must be deserialised into a type.</summary>
public sealed record ErrorRecord
{
    /// <summary>Full name of the exception's type.</summary>
    public required string Type { get; init; }

    /// <summary>The exception's message.</summary>
    public required string Message { get; init; }

    /// <summary>The stack trace as .NET writes it; null when the exception was never thrown.</summary>
    public string? StackTrace { get; init; }

    /// <summary>What kind of thing failed.</summary>
    public FailureClass Class { get; init; }

    /// <summary>A structured code where the exception carries one: HTTP status, SQLSTATE, SQLite code, errno.</summary>
    public string? Code { get; init; }

    /// <summary>The inner exceptions, outermost first; several for an <see cref="AggregateException"/>.</summary>
    public IReadOnlyList<ErrorRecord> Inner { get; init; } = [];

    /// <summary>The run of the step that first threw it; null when it was thrown by the flow's own body.</summary>
    public RunId? CauseRunId { get; init; }

    /// <summary>The <see cref="StepRunRecord.Sequence"/> of the step that first threw it; 0 for a flow's own body.</summary>
    public int CauseSequence { get; init; }
}
