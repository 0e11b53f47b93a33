using Fletcher.Model;

namespace Fletcher.Terminal;

/// <summary>The signs before and between words, in Unicode or, for consoles that cannot show it, in ASCII.</summary>
internal sealed class Glyphs
{
    private readonly bool _isUnicode;

    private Glyphs(bool isUnicode) => _isUnicode = isUnicode;

    internal static Glyphs Unicode { get; } = new(true);

    internal static Glyphs Ascii { get; } = new(false);

    internal string Times => _isUnicode ? "×" : "x";

    internal string Dot => _isUnicode ? "·" : "-";

    internal string Arrow => _isUnicode ? "→" : "->";

    internal string Pointer => _isUnicode ? "▶" : ">";

    internal string Rule => _isUnicode ? "│" : "|";

    internal string Ellipsis => _isUnicode ? "…" : "...";

    internal string BarDone => _isUnicode ? "━" : "#";

    internal string BarLeft => _isUnicode ? "─" : ".";

    internal (string Sign, Tone Tone) Of(StepRunState state) => state switch
    {
        StepRunState.Waiting => (_isUnicode ? "○" : ".", Tone.Dim),
        StepRunState.Running => (_isUnicode ? "●" : ">", Tone.Accent),
        StepRunState.Retrying => (_isUnicode ? "↻" : "~", Tone.Warning),
        StepRunState.Completed => (_isUnicode ? "✓" : "+", Tone.Good),
        StepRunState.Reused or StepRunState.Cached => (_isUnicode ? "↺" : "=", Tone.Dim),
        StepRunState.Skipped => (_isUnicode ? "»" : "-", Tone.Dim),
        StepRunState.Failed => (_isUnicode ? "✗" : "x", Tone.Bad),
        StepRunState.Cancelled => (_isUnicode ? "⊘" : "/", Tone.Warning),
        StepRunState.Crashed => ("!", Tone.Bad),
        StepRunState.Unknown => ("?", Tone.Warning),
        _ => (Dot, Tone.Dim),
    };

    internal (string Sign, Tone Tone) Of(FlowRunState state) => state switch
    {
        FlowRunState.Running => Of(StepRunState.Running),
        FlowRunState.Cancelling or FlowRunState.Cancelled => Of(StepRunState.Cancelled),
        FlowRunState.Completed => Of(StepRunState.Completed),
        FlowRunState.Failed => Of(StepRunState.Failed),
        FlowRunState.Crashed => Of(StepRunState.Crashed),
        _ => Of(StepRunState.Waiting),
    };

    /// <summary>The state as a word: <c>not run</c>, <c>completed</c>.</summary>
    internal static string Word(StepRunState state) => state switch
    {
        StepRunState.Waiting => "waiting",
        StepRunState.Running => "running",
        StepRunState.Retrying => "retrying",
        StepRunState.Completed => "completed",
        StepRunState.Reused => "reused",
        StepRunState.Cached => "cached",
        StepRunState.Skipped => "skipped",
        StepRunState.Failed => "failed",
        StepRunState.Cancelled => "cancelled",
        StepRunState.Crashed => "crashed",
        StepRunState.Unknown => "unknown",
        _ => "not run",
    };

    /// <summary>The state as a word.</summary>
    internal static string Word(FlowRunState state) => state switch
    {
        FlowRunState.Scheduled => "scheduled",
        FlowRunState.Queued => "queued",
        FlowRunState.Running => "running",
        FlowRunState.Waiting => "waiting",
        FlowRunState.Cancelling => "cancelling",
        FlowRunState.Completed => "completed",
        FlowRunState.Failed => "failed",
        FlowRunState.Cancelled => "cancelled",
        _ => "crashed",
    };
}
