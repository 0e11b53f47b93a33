using Spectre.Console;

namespace Fletcher.Terminal;

/// <summary>Where Fletcher writes to.</summary>
internal sealed record ConsoleTarget(TextWriter Writer, bool IsUnicode, Func<(int Width, int Height)> Size, AnsiSupport Ansi)
{
    internal static ConsoleTarget StandardError() => new(
        TerminalOutput.OpenStandardError(), TerminalOutput.IsUnicode(Console.OutputEncoding),
        TerminalOutput.MeasureTerminal,
        // Whoever asks for the live tree although standard error is redirected has something behind it that shows it.
        Console.IsErrorRedirected ? AnsiSupport.Yes : AnsiSupport.Detect);

    internal Glyphs Glyphs => IsUnicode ? Glyphs.Unicode : Glyphs.Ascii;

    /// <summary>A region to draw in; null when the terminal does not know ANSI sequences.</summary>
    internal LiveRegion? CreateRegion()
    {
        var output = new TerminalOutput(Writer, Size);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Ansi,
            ColorSystem = ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
            Out = output,
        });
        return console.Profile.Capabilities.Ansi ? new LiveRegion(output, console, Glyphs) : null;
    }
}
