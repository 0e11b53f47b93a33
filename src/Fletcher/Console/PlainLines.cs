using Fletcher.Model;

namespace Fletcher.Terminal;

/// <summary>
/// Writes a line for what happens, for files, pipes and build servers. Where much happens it says less: a fan-out, or a step
/// that runs again and again, is summarised.
/// </summary>
internal sealed class PlainLines(TextWriter writer, LineComposer lines, RunTally tally, TimeProvider time) : IRunDisplay
{
    private const int MaxSingle = 20;
    private const int MaxQuiet = StepGroup.MaxMembers;
    private const int MaxRetries = 5;
    private static readonly TimeSpan BetweenSummaries = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    private readonly Lock _writing = new();

    public TimeSpan Interval => TimeSpan.FromSeconds(1);

    public void RunChanged(RunNode run, RunChange change)
    {
        switch (change)
        {
            case RunChange.Began or RunChange.Again:
                Write(run, lines.RunBegan(run));
                break;
            case RunChange.Ended:
                foreach (var group in run.Summaries)
                    if (group.Lines.IsDirty)
                        Summarise(run, group);
                Write(run, lines.RunEnded(run));
                break;
            case RunChange.WasDone:
                Write(run, lines.RunWasDone(run.Record));
                break;
            case RunChange.Undoes:
                Write(run, lines.RunHead(run));
                break;
            case RunChange.Changed when run.Record.State is FlowRunState.Waiting or FlowRunState.Cancelling:
                Write(run, lines.RunHead(run));
                break;
        }
    }

    public void StepChanged(RunNode run, StepGroup group, StepRunRecord step)
    {
        var root = run.Root;
        FlushSiblings(root, group);
        var told = group.Lines;
        if (step.State == StepRunState.Retrying)
        {
            if (told.Retries++ < MaxRetries)
                Write(root, lines.Step(step, Indent(group)));
            return;
        }
        if (!step.State.IsEnd())
        {
            // A sub-flow's name comes before its steps, as its own line comes after them.
            if (step.ChildRunId is not null && step.State == StepRunState.Running && group.Started == 1)
                Write(root, lines.Step(step with { StartedAt = null }, Indent(group), isFlow: true));
            return;
        }

        var isQuiet = step.State is StepRunState.Reused or StepRunState.Cached or StepRunState.Skipped;
        var isBad = step.State is StepRunState.Failed or StepRunState.Unknown or StepRunState.Crashed;
        if (!told.IsSummarised
            && (told.Single >= MaxSingle || isQuiet && told.Quiet >= MaxQuiet || group is { IsFanOut: true, Open: > 0 }
                || group.IsInFanOut))
        {
            told.IsSummarised = true;
            AddSummary(root, group);
        }

        if (told.IsSummarised)
        {
            told.IsDirty = true;
            if (!isBad || group.Failures.Count >= StepGroup.MaxMembers)
                return;
        }
        else
        {
            told.Single++;
            told.Quiet += isQuiet ? 1 : 0;
        }
        Write(root, lines.Step(step, Indent(group), group.IsFlow));
    }

    public void Progressed(RunNode run, OpenStep step)
    {
        var now = time.GetUtcNow();
        // A step that ends soon needs no line on the way.
        if (step.ToldAt == default)
            step.ToldAt = now;
        if (now - step.ToldAt < BetweenSummaries || step.Group.Lines.IsSummarised)
            return;
        step.ToldAt = now;
        Write(run.Root, lines.Step(step.Record, Indent(step.Group), step.Group.IsFlow, step.Progress));
    }

    public void Tick(Lock gate)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            foreach (var run in tally.Roots)
            {
                foreach (var group in run.Summaries)
                {
                    var isSettled = group.Open == 0 && now - group.ChangedAt >= Settled;
                    var isDue = now - (group.Lines.SummaryAt ?? group.BeganAt) >= BetweenSummaries;
                    if (group.Lines.IsDirty && !group.IsInFanOut && (isSettled || isDue))
                        Summarise(run, group);
                }
            }
        }
    }

    public void Show(IReadOnlyList<StyledLine> shown)
    {
        lock (_writing)
        {
            foreach (var line in shown)
                writer.WriteLine(line.ToString());
            writer.Flush();
        }
    }

    public TextWriter Coordinate(TextWriter original, bool isRedirected) => original;

    // What is around comes before what is inside it. (Not in StepChanged, where the closure would cost every call.)
    private static void AddSummary(RunNode root, StepGroup group)
    {
        var position = root.Summaries.FindIndex(other => other.Depth > group.Depth);
        root.Summaries.Insert(position < 0 ? root.Summaries.Count : position, group);
    }

    // What comes after a fan-out is understood only when the fan-out's end has been said. In a loop over two steps that
    // would be at each turn, so only the first time, and then not more often than any other summary.
    private void FlushSiblings(RunNode root, StepGroup group)
    {
        if (root.Summaries.Count == 0)
            return;
        foreach (var other in root.Summaries)
        {
            if (other.Lines.IsDirty && other.Open == 0 && !other.IsInFanOut && !other.IsAround(group) && !group.IsAround(other)
                && (other.Lines.SettledAt is not { } last || time.GetUtcNow() - last >= BetweenSummaries))
                Summarise(root, other);
        }
    }

    private void Summarise(RunNode run, StepGroup group)
    {
        group.Lines.IsDirty = false;
        group.Lines.SummaryAt = time.GetUtcNow();
        Write(run, lines.FanOut(group, Indent(group), withBar: false));
        if (group.Open > 0)
            return;

        // The steps inside a fan-out are told with it, when it is over.
        group.Lines.SettledAt = group.Lines.SummaryAt;
        foreach (var inner in run.Summaries)
            if (inner.Lines.IsDirty && inner != group && group.IsAround(inner))
                Summarise(run, inner);
    }

    private void Write(RunNode run, StyledLine line)
    {
        lock (_writing)
        {
            // Lines of several runs are told apart by the run's short id; with one run it would only be noise.
            if (tally.Roots.Count > 1)
                writer.Write($"[{run.Record.Id.ToShortString()}] ");
            writer.WriteLine(line.ToString());
            writer.Flush();
        }
    }

    private static int Indent(StepGroup group) => 2 * Math.Min(group.Depth, 10);
}
