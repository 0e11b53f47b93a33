using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Evaluation;

namespace Fletcher.Scheduling;

/// <summary>What Ical.Net finds, without the exceptions by which it says that there is no more.</summary>
internal static class Occurrences
{
    /// <summary>The occurrences from a time on; they end where nothing matched for so many steps, or in the year 9999.</summary>
    internal static IEnumerable<Occurrence> From(CalendarEvent happening, CalDateTime from, int patience)
    {
        using var occurrences = Begin(happening, from, patience);
        while (occurrences is not null && MoveNext(occurrences))
            yield return occurrences.Current;
    }

    private static IEnumerator<Occurrence>? Begin(CalendarEvent happening, CalDateTime from, int patience)
    {
        try
        {
            return happening.GetOccurrences(from, new EvaluationOptions { MaxUnmatchedIncrementsLimit = patience }).GetEnumerator();
        }
        catch (EvaluationException)
        {
            // Even the step to the beginning left the year 9999.
            return null;
        }
    }

    private static bool MoveNext(IEnumerator<Occurrence> occurrences)
    {
        try
        {
            return occurrences.MoveNext();
        }
        catch (EvaluationException)
        {
            return false;
        }
    }
}
