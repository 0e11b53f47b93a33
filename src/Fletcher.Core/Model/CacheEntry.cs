namespace Fletcher.Model;

/// <summary>A result that later flow runs may use instead of running the step.</summary>
public sealed record CacheEntry
{
    /// <summary>The stable name of the step.</summary>
    public required string Step { get; init; }

    /// <summary>The hash of step name and inputs.</summary>
    public required ContentHash Key { get; init; }

    /// <summary>The step's source hash when the result was made; null where no source was seen.</summary>
    public string? SourceHash { get; init; }

    /// <summary>The run that made it.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The step run that made it; 0 when it was undone, so that there is nothing to use any more.</summary>
    public required int Sequence { get; init; }

    /// <summary>When it was made (UTC). Whoever looks it up decides how old is too old.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>The result; null for a step that returns nothing.</summary>
    public StoredValue? Result { get; init; }
}
