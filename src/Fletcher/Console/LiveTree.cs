using Fletcher.Model;

namespace Fletcher.Terminal;

/// <summary>
/// Shows the runs as trees at the end of the terminal. A frame is drawn from the tally ten times a second, so what a step
/// run costs does not depend on the terminal; when a run ends, its tree is written once more and stays.
/// </summary>
internal sealed class LiveTree(LiveRegion region, LineComposer lines, RunTally tally) : IRunDisplay
{
    private const int MaxFinalLines = 40;
    private const int MaxShare = 30;

    private readonly TreeComposer _trees = new(lines);
    private readonly List<LiveAwareWriter> _writers = [];
    private volatile bool _isActive;

    public TimeSpan Interval => TimeSpan.FromMilliseconds(100);

    public void RunChanged(RunNode run, RunChange change)
    {
        _isActive = tally.Roots.Count > 0;
        switch (change)
        {
            case RunChange.WasDone:
                region.WriteAbove([lines.RunWasDone(run.Record)]);
                break;
            case RunChange.Ended:
                List<StyledLine> tree = [lines.RunEnded(run), .. _trees.Steps(run.Group, MaxFinalLines)];
                region.WriteAbove(tree, endsRegion: true);
                if (!_isActive)
                    ReleaseWriters();
                break;
        }
    }

    public void StepChanged(RunNode run, StepGroup group, StepRunRecord step)
    {
        // The next frame tells.
    }

    public void Progressed(RunNode run, OpenStep step)
    {
        // The next frame tells.
    }

    public void Tick(Lock gate)
    {
        List<StyledLine> frame;
        int generation;
        lock (gate)
        {
            generation = region.Generation;
            if (tally.Roots.Count == 0)
                return;
            // A line stays free for the cursor; on a tall terminal the region still leaves room for what is above it.
            frame = _trees.Compose(tally.Roots, Math.Clamp(region.Height - 2, 3, MaxShare));
        }
        region.Draw(generation, frame);
    }

    public void Show(IReadOnlyList<StyledLine> shown) => region.WriteAbove(shown);

    public TextWriter Coordinate(TextWriter original, bool isRedirected)
    {
        if (isRedirected)
            return original;
        var writer = new LiveAwareWriter(original, region, () => _isActive);
        lock (_writers)
            _writers.Add(writer);
        return writer;
    }

    private void ReleaseWriters()
    {
        lock (_writers)
            foreach (var writer in _writers)
                writer.ReleaseAll();
    }
}
