namespace Fletcher.Model;

/// <summary>What an artifact is. The values are stored; their numbers never change.</summary>
public enum ArtifactKind
{
    /// <summary>CommonMark text.</summary>
    Markdown = 0,
    /// <summary>A JSON array of objects, one a row.</summary>
    Table = 1,
    /// <summary>A JSON object with <c>url</c> and <c>text</c>.</summary>
    Link = 2,
    /// <summary>A JSON object with <c>mediaType</c> and base64 <c>data</c>.</summary>
    Image = 3,
    /// <summary>A JSON object with <c>fraction</c> (0 to 1) and <c>message</c>.</summary>
    Progress = 4,
}

/// <summary>Something a run leaves to be looked at. Writing the same key again replaces it.</summary>
public sealed record ArtifactRecord
{
    /// <summary>The flow run.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The step run that left it; 0 for the flow's own body.</summary>
    public int Sequence { get; init; }

    /// <summary>Its name within the step run.</summary>
    public required string Key { get; init; }

    /// <summary>What it is.</summary>
    public required ArtifactKind Kind { get; init; }

    /// <summary>When it was written (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The content, as its kind says.</summary>
    public required string Content { get; init; }
}
