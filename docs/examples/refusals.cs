#:package Fletcher@*
using Fletcher.Scheduling;

#region refused
foreach (var text in new[] { "0 25 * * *", "0 6 * * monday", "0 0 31 2 *", "*/90 * * * *", "every 2 months", "RRULE:FREQ=DAILY;BYHOR=6" })
{
    if (!Schedule.TryParse(text, "Europe/Berlin", out _, out var refusal))
        Console.WriteLine($"{text}\n{new string(' ', refusal.Position)}^ {refusal.Field}: {refusal.Reason}");
}
#endregion
