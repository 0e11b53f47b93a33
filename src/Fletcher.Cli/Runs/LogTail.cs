using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Finds in the last lines of a log where those begin that were not there at the look before: lines have no numbers, and are only ever added at the end.</summary>
internal static class LogTail
{
    /// <summary>How many lines of the later look were in the one before.</summary>
    internal static int CountSeen(IReadOnlyList<LogLine> before, IReadOnlyList<LogLine> later)
    {
        if (before.Count == 0)
            return 0;
        for (var end = later.Count; end > 0; end--)
        {
            if (EndsAlike(before, later, end))
                return end;
        }

        // So much was written that no line of before is among them.
        return 0;
    }

    private static bool EndsAlike(IReadOnlyList<LogLine> before, IReadOnlyList<LogLine> later, int end)
    {
        for (int i = before.Count - 1, j = end - 1; i >= 0 && j >= 0; i--, j--)
        {
            if (before[i] != later[j])
                return false;
        }

        return true;
    }
}
