using Fletcher.Model;

namespace Fletcher.Terminal;

/// <summary>
/// Draws the tree of a run from its groups: its size depends on how many steps the flow has, not on how many step runs
/// there are. When it is too tall, what is done gives way to what is not.
/// </summary>
internal sealed class TreeComposer(LineComposer lines)
{
    private const int MaxRunningShown = 3;
    private const int MaxFailuresShown = 3;
    private const int MaxDepth = 8;

    private readonly record struct Entry(StyledLine Line, bool IsDone);

    /// <summary>The trees of these runs, in at most this many lines.</summary>
    internal List<StyledLine> Compose(IReadOnlyList<RunNode> runs, int maxLines)
    {
        var composed = new List<StyledLine>();
        var shown = Math.Min(runs.Count, Math.Max(1, maxLines / 4));
        // The newest runs are cut first: the oldest is what somebody waits for.
        for (var i = 0; i < shown; i++)
        {
            composed.Add(lines.RunHead(runs[i]));
            var room = ((maxLines - 1) / shown) - 1;
            composed.AddRange(Steps(runs[i].Group, Math.Max(room, 1)));
        }
        if (shown < runs.Count)
            composed.Add(new StyledLine().Add($"{lines.Glyphs.Ellipsis} and {Readable.Plural(runs.Count - shown, "more run", "more runs")}", Tone.Dim));
        return composed;
    }

    /// <summary>The steps of a run, without its own line.</summary>
    internal List<StyledLine> Steps(StepGroup root, int maxLines)
    {
        var entries = new List<Entry>();
        foreach (var child in root.Children)
            Add(child, entries);
        if (entries.Count <= maxLines)
            return entries.ConvertAll(static e => e.Line);

        // One line is needed to say what is left out.
        var surplus = entries.Count - maxLines + 1;
        var kept = new List<StyledLine>();
        var leftOut = 0;
        foreach (var entry in entries)
        {
            if (entry.IsDone && leftOut < surplus)
                leftOut++;
            else
                kept.Add(entry.Line);
        }
        if (leftOut > 0)
            kept.Insert(0, Note($"{Readable.Count(leftOut)} lines of what is done", 2));
        if (kept.Count > maxLines)
        {
            var cut = kept.Count - maxLines + 1;
            kept.RemoveRange(maxLines - 1, cut);
            kept.Add(Note($"{Readable.Plural(cut, "more line", "more lines")}", 2));
        }
        return kept;
    }

    private void Add(StepGroup group, List<Entry> entries)
    {
        if (group.Depth > MaxDepth || group.Started == 0)
            return;

        var indent = 2 * group.Depth;
        if (group.IsFanOut || group.Expected > 0)
            AddFanOut(group, indent, entries);
        else
            AddMembers(group, indent, entries);
        foreach (var child in group.Children)
            Add(child, entries);
    }

    private void AddMembers(StepGroup group, int indent, List<Entry> entries)
    {
        foreach (var member in group.Members)
        {
            string? progress = null;
            for (var open = group.FirstOpen; open is not null && progress is null; open = open.Next)
                if (open.Record.Sequence == member.Sequence && open.Record.RunId == member.RunId)
                    progress = open.Progress;
            entries.Add(new Entry(lines.Step(member, indent, group.IsFlow, progress), IsDone(member.State)));
        }
    }

    private void AddFanOut(StepGroup group, int indent, List<Entry> entries)
    {
        entries.Add(new Entry(lines.FanOut(group, indent, withBar: true), group.Open == 0 && IsDone(group.State)));
        var shown = 0;
        // Inside a fan-out the items of the outer one tell enough.
        var maxShown = group.IsInFanOut ? 0 : MaxRunningShown;
        for (var open = group.FirstOpen; open is not null && shown < maxShown; open = open.Next, shown++)
            entries.Add(new Entry(lines.Step(open.Record, indent + 4, progress: open.Progress, isItem: true), false));
        if (shown > 0 && group.Open > shown)
            entries.Add(new Entry(Note($"and {Readable.Count(group.Open - shown)} more running", indent + 4), false));
        for (var i = 0; i < group.Failures.Count && i < MaxFailuresShown; i++)
            entries.Add(new Entry(lines.Step(group.Failures[i], indent + 4, isItem: true), false));
    }

    private StyledLine Note(string text, int indent) => new StyledLine(indent).Add($"{lines.Glyphs.Ellipsis} {text}", Tone.Dim);

    private static bool IsDone(StepRunState state) => state.HasResult();
}
