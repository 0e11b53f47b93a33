using System.Text.Json;
using Fletcher.Scheduling;

namespace Fletcher.Cli;

/// <summary>Says what is wrong with a schedule: in a sentence, and with a mark under the place.</summary>
internal static class ScheduleRefusal
{
    private const int MostShown = 200;

    /// <summary>The schedule of a command line.</summary>
    /// <exception cref="CommandException">It cannot be used.</exception>
    internal static Schedule Read(string text, string zone) =>
        Schedule.TryParse(text, zone, out var schedule, out var refusal) ? schedule : throw Of(refusal);

    internal static CommandException Of(ScheduleFormatException refusal) => new($"{refusal.Message}{Mark(refusal)}", ExitCode.Usage);

    internal static void WriteRefusal(this Utf8JsonWriter json, ScheduleFormatException refusal)
    {
        json.WriteStartObject("error");
        json.WriteString("id", refusal.Id);
        json.WriteString("message", refusal.Message);
        json.WriteString("text", refusal.Text);
        json.WriteNumber("position", refusal.Position);
        json.WriteString("field", refusal.Field);
        json.WriteString("reason", refusal.Reason);
        json.WriteEndObject();
    }

    /// <summary>The line with the place, and below it the mark.</summary>
    private static string Mark(ScheduleFormatException refusal)
    {
        var before = refusal.Text[..refusal.Position];
        var begin = before.LastIndexOf('\n') + 1;
        var end = refusal.Text.IndexOf('\n', begin);
        var line = (end < 0 ? refusal.Text[begin..] : refusal.Text[begin..end]).TrimEnd('\r').Replace('\t', ' ');
        return line.Length is 0 or > MostShown ? "" : $"\n  {line}\n  {new string(' ', refusal.Position - begin)}^";
    }
}
