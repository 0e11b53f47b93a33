using System.Globalization;
using Fletcher.Scheduling;

namespace Fletcher.Cli;

/// <summary>Excluded days as people write them: dates, and files with calendars.</summary>
internal static class ExcludedText
{
    private const long MostBytes = 16 * 1024 * 1024;

    /// <summary>The days; null for none.</summary>
    internal static ExcludedDays? Read(IReadOnlyList<string> texts)
    {
        ExcludedDays? days = null;
        foreach (var text in texts)
        {
            var more = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
                ? ExcludedDays.Of(date)
                : ReadCalendar(text);
            days = days?.And(more) ?? more;
        }

        return days;
    }

    private static ExcludedDays ReadCalendar(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new CommandException($"--exclude is '{path}', which is neither a date (2026-12-24) nor a file that is there (holidays.ics).", ExitCode.Usage);
        if (file.Length > MostBytes)
            throw new CommandException($"--exclude is the file '{path}' with {file.Length:N0} bytes; a calendar may have {MostBytes:N0}.", ExitCode.Usage);
        try
        {
            return ExcludedDays.FromIcs(File.ReadAllText(path));
        }
        catch (ScheduleFormatException e)
        {
            var line = e.Text.AsSpan(0, e.Position).Count('\n') + 1;
            throw new CommandException($"{e.Id}: the calendar '{path}' cannot be used, at line {line}: {e.Reason}", ExitCode.Usage);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--exclude is '{path}', which cannot be read: {e.Message}", ExitCode.Usage);
        }
    }
}
