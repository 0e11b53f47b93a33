using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Writes to standard output: lines for people, in colour on a terminal; JSON for programs.</summary>
internal sealed class Printer
{
    private readonly TextWriter _output;
    private readonly bool _isTerminal;
    private readonly bool _hasColours;

    private Printer(TextWriter output, bool isJson, bool isTerminal)
    {
        _output = output;
        IsJson = isJson;
        _isTerminal = isTerminal;
        _hasColours = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";
        Width = isTerminal ? TerminalOutput.MeasureTerminal().Width
            : int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var columns) && columns >= 40 ? columns
            : int.MaxValue;
    }

    internal bool IsJson { get; }

    /// <summary>How many columns a line may have: those of the terminal; elsewhere those of COLUMNS, or any number.</summary>
    internal int Width { get; }

    internal Glyphs Glyphs { get; } = Glyphs.Unicode;

    internal TimeZoneInfo Zone { get; } = TimeProvider.System.LocalTimeZone;

    internal static Printer Of(ParseResult arguments) => new(
        new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 32 * 1024) { AutoFlush = false, NewLine = "\n" },
        arguments.GetValue(GlobalOptions.Json),
        !Console.IsOutputRedirected);

    /// <summary>Writes lines. A terminal wraps those that are too long at their indent; elsewhere they are written as they are.</summary>
    internal void Write(IEnumerable<StyledLine> lines)
    {
        if (_hasColours)
        {
            TerminalPaint.Write(_output, lines, Width);
        }
        else
        {
            foreach (var line in lines)
                _output.WriteLine(line.ToString());
        }

        _output.Flush();
    }

    /// <summary>Writes a line.</summary>
    internal void Write(StyledLine line) => Write([line]);

    /// <summary>Writes a line of plain text.</summary>
    internal void Write(string line) => Write(new StyledLine().Add(line));

    /// <summary>Writes text as it is.</summary>
    internal void WriteRaw(string text)
    {
        _output.Write(text);
        _output.Flush();
    }

    /// <summary>Writes one JSON object: the version of its form, and what the caller adds. On a terminal it is indented.</summary>
    internal void WriteJson(Action<Utf8JsonWriter> body) => WriteJson(body, _isTerminal);

    /// <summary>Writes one JSON object as a line of its own.</summary>
    internal void WriteJsonLine(Action<Utf8JsonWriter> body) => WriteJson(body, isIndented: false);

    /// <summary>Writes an array of texts.</summary>
    internal void WriteJsonArray(IEnumerable<string> texts) => WriteDocument(
        json =>
        {
            json.WriteStartArray();
            foreach (var text in texts)
                json.WriteStringValue(text);
            json.WriteEndArray();
        },
        _isTerminal);

    private void WriteJson(Action<Utf8JsonWriter> body, bool isIndented) => WriteDocument(
        json =>
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            body(json);
            json.WriteEndObject();
        },
        isIndented);

    private void WriteDocument(Action<Utf8JsonWriter> body, bool isIndented)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = isIndented, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            body(json);

        _output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        _output.Flush();
    }
}
