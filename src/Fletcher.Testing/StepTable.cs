namespace Fletcher.Testing;

/// <summary>Steps as a table, for the messages of asserts.</summary>
internal static class StepTable
{
    private const int MostRows = 50;
    private const int WidestCell = 60;

    private static readonly string[] Head = ["#", "step", "state", "attempts", "in this call", "error"];

    internal static string Of(IReadOnlyList<FlowTestStep> steps)
    {
        if (steps.Count == 0)
            return "(the store has no steps)";
        List<string[]> rows = [Head, .. steps.Take(MostRows).Select(Row)];
        var widths = Enumerable.Range(0, Head.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var lines = rows.Select(row => ("  " + string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column])))).TrimEnd());
        return string.Join('\n', steps.Count > MostRows ? lines.Append($"  and {steps.Count - MostRows} more") : lines);
    }

    private static string[] Row(FlowTestStep step) =>
    [
        step.Record.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Cut(step.Record.Name is { } name ? $"{name} ({step.Name})" : step.Name),
        step.Record.Discarded ? $"{step.State}, discarded" : step.Record.Superseded ? $"{step.State}, superseded" : step.State.ToString(),
        step.Attempts.ToString(System.Globalization.CultureInfo.InvariantCulture),
        step.Runs > 0 ? $"ran {step.Runs}x" : step.IsReused ? "from memory" : "-",
        Cut(step.Error is { } error ? $"{error.Type}: {error.Message}" : ""),
    ];

    private static string Cut(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= WidestCell ? line : line[..(WidestCell - 1)] + "…";
    }
}
