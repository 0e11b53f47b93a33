using System.Globalization;
using System.Text;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Hosting;

/// <summary>
/// The console of a process that executes one run. What the run's code writes is kept with its steps, as everywhere, and goes to the parent line by line, with a mark that says so; everything else goes there as it is.
/// </summary>
internal sealed class OutputRelay : IRunObserver
{
    // No text begins with it.
    private const char Mark = '\u0001';
    private const char SecretMark = '\u0002';

    private TextWriter _output = TextWriter.Null;
    private TextWriter _error = TextWriter.Null;

    /// <summary>Takes the console's own writer, and gives one that the lines of the run do not come through.</summary>
    internal TextWriter Coordinate(TextWriter writer, bool isError)
    {
        _ = isError ? _error = writer : _output = writer;
        return new OutsideWriter(writer);
    }

    /// <summary>Reads a line that the run's code wrote.</summary>
    internal static bool TryRead(string line, out int sequence, out int attempt, out string text)
    {
        (sequence, attempt, text) = (0, 0, line);
        if (line.Length == 0 || line[0] != Mark)
            return false;
        var parts = line[1..].Split(' ', 3);
        if (parts.Length < 3 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out sequence)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out attempt))
            return false;
        text = parts[2];
        return true;
    }

    /// <summary>Tells the parent which secret was revealed here, on both streams and before it can be in what follows: the runtime's own last words it must mask itself.</summary>
    internal void Revealed(string secret)
    {
        foreach (var writer in (TextWriter[])[_output, _error])
            writer.WriteLine($"{SecretMark}{secret}");
    }

    /// <summary>Reads the name of a secret that the process has revealed.</summary>
    internal static bool TryReadSecret(string line, out string name)
    {
        name = line.Length > 0 ? line[1..] : "";
        return line.Length > 1 && line[0] == SecretMark;
    }

    public void LogWritten(LogLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (line.Category is "stdout" or "stderr")
            (line.Category == "stderr" ? _error : _output).WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Mark}{line.Sequence} {line.Attempt} {line.Message}"));
    }

    public void FlowRunChanged(FlowRunRecord run, FlowDefinition flow)
    {
    }

    public void StepRunChanged(FlowRunRecord run, StepRunRecord step)
    {
    }

    public void ArtifactWritten(ArtifactRecord artifact)
    {
    }

    public void Note(string message) => _error.WriteLine(message);

    private sealed class OutsideWriter(TextWriter inner) : TextWriter
    {
        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value)
        {
            if (Ambient.Current is not Scope)
                inner.Write(value);
        }

        public override void Write(char[] buffer, int index, int count)
        {
            if (Ambient.Current is not Scope)
                inner.Write(buffer, index, count);
        }

        public override void Write(ReadOnlySpan<char> buffer)
        {
            if (Ambient.Current is not Scope)
                inner.Write(buffer);
        }

        public override void Write(string? value)
        {
            if (Ambient.Current is not Scope)
                inner.Write(value);
        }

        public override void WriteLine(string? value)
        {
            if (Ambient.Current is not Scope)
                inner.WriteLine(value);
        }

        public override void WriteLine()
        {
            if (Ambient.Current is not Scope)
                inner.WriteLine();
        }

        public override void Flush() => inner.Flush();
    }
}
