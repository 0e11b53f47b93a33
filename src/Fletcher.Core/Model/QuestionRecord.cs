namespace Fletcher.Model;

/// <summary>A question that a run asks a person, as an inbox shows it.</summary>
public sealed record QuestionRecord
{
    /// <summary>The flow run that asks.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The step run that waits for the answer.</summary>
    public required int Sequence { get; init; }

    /// <summary>What names it: both of these.</summary>
    public QuestionId Id => new(RunId, Sequence);

    /// <summary>The question.</summary>
    public required string Text { get; init; }

    /// <summary>Whom it is asked: a name, an address or a group, as the flow says; null for anybody.</summary>
    public string? To { get; init; }

    /// <summary>Who is asked too when nobody answers; null when nobody is.</summary>
    public string? EscalateTo { get; init; }

    /// <summary>When they are asked (UTC); null without an escalation.</summary>
    public DateTimeOffset? EscalateAt { get; init; }

    /// <summary>Until when an answer is waited for (UTC); null for ever.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The JSON schema (draft 2020-12) that an answer must fit.</summary>
    public required string Schema { get; init; }

    /// <summary>When it was asked (UTC).</summary>
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>When it was answered, given up or withdrawn (UTC); null while it is open.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>Who answered; null while nobody has.</summary>
    public string? AnsweredBy { get; init; }

    /// <summary>The answer, JSON in UTF-8; null while there is none.</summary>
    public byte[]? Answer { get; init; }
}
