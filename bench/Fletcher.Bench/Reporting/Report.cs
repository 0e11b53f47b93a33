using System.Globalization;
using System.Text;
using System.Text.Json;
using Fletcher.Bench.Measuring;

namespace Fletcher.Bench.Reporting;

/// <summary>All that was measured, as a table for people and as JSON.</summary>
internal sealed class Report(Machine machine)
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly List<Row> _rows = [];

    internal void Add(Row row) => _rows.Add(row);

    /// <summary>A Markdown table. Of each side the median, and in brackets the least and the most.</summary>
    internal string ToText()
    {
        string[] head = ["workload", "unit", "measured", "baseline", "ratio", "target", "met"];
        var cells = _rows.Select(row => new[]
        {
            row.What,
            row.Unit,
            Spread(row.Measured),
            row.Baseline is null ? "" : $"{row.BaselineName} {Spread(row.Baseline)}",
            row.Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "",
            row.Bar is { } bar ? $"{(bar.AtLeast ? "≥" : "≤")} {Number(bar.Limit)}{(row.Ratio is null ? $" {row.Unit}" : " ×")}" : "",
            row.IsMet switch { true => "yes", false => "NO", null => "" },
        }).Prepend(head).ToList();

        var widths = head.Select((_, column) => cells.Max(line => line[column].Length)).ToArray();
        var text = new StringBuilder().AppendLine();
        for (var i = 0; i < cells.Count; i++)
        {
            text.Append("| ").AppendJoin(" | ", cells[i].Select((cell, column) => cell.PadRight(widths[column]))).AppendLine(" |");
            if (i == 0)
                text.Append('|').AppendJoin('|', widths.Select(width => new string('-', width + 2))).AppendLine("|");
        }

        return text.ToString();
    }

    internal string ToJson() => JsonSerializer.Serialize(
        new
        {
            machine,
            rows = _rows.Select(row => new
            {
                row.What,
                row.Unit,
                measured = row.Measured.Median,
                measuredValues = row.Measured.Values,
                row.BaselineName,
                baseline = row.Baseline?.Median,
                baselineValues = row.Baseline?.Values,
                row.Ratio,
                target = row.Bar?.Limit,
                targetIsAtLeast = row.Bar?.AtLeast,
                row.IsMet,
            }),
        },
        Indented);

    private static string Spread(Samples samples) => samples.Values.Count == 1
        ? Number(samples.Median)
        : $"{Number(samples.Median)} [{Number(samples.Least)}–{Number(samples.Most)}]";

    private static string Number(double value) => value.ToString(
        Math.Abs(value) switch { >= 1000 => "#,##0", >= 100 => "0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);
}
