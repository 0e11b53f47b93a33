using Microsoft.Extensions.Logging;

namespace Fletcher.Model;

/// <summary>One line that a step or a flow wrote, to a logger or to the console.</summary>
public sealed record LogLine
{
    /// <summary>The flow run.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The step run that wrote it; 0 for the flow's own body.</summary>
    public int Sequence { get; init; }

    /// <summary>The attempt during which it was written.</summary>
    public int Attempt { get; init; }

    /// <summary>When (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How severe. Console output is <see cref="LogLevel.Information"/>, standard error <see cref="LogLevel.Warning"/>.</summary>
    public required LogLevel Level { get; init; }

    /// <summary>The logger's category, or <c>stdout</c> or <c>stderr</c>.</summary>
    public required string Category { get; init; }

    /// <summary>The text, with the exception's text behind it where one was logged.</summary>
    public required string Message { get; init; }
}
