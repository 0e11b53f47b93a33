using Fletcher.Model;

namespace Fletcher.Terminal;

/// <summary>
/// Keeps a program that runs a flow again and again from filling the console: each flow has room for so many runs at once,
/// and gets it back with time. What is not shown run by run is counted.
/// </summary>
internal sealed class RunFlood(TimeProvider time)
{
    private const double MaxRuns = 20;
    private const double RunsPerSecond = 0.5;

    private readonly Dictionary<string, Flow> _flows = [];

    private sealed class Flow(DateTimeOffset now)
    {
        internal double Room { get; set; } = MaxRuns;
        internal DateTimeOffset At { get; set; } = now;
        internal long Completed { get; set; }
        internal long Other { get; set; }
        internal bool IsDirty { get; set; }
    }

    /// <summary>Whether runs were counted since the last summaries.</summary>
    internal bool IsDirty { get; private set; }

    /// <summary>Whether a run of this flow is shown.</summary>
    internal bool Admit(string name)
    {
        var now = time.GetUtcNow();
        if (!_flows.TryGetValue(name, out var flow))
            _flows.Add(name, flow = new Flow(now));
        flow.Room = Math.Min(MaxRuns, flow.Room + ((now - flow.At).TotalSeconds * RunsPerSecond));
        flow.At = now;
        if (flow.Room < 1)
            return false;
        flow.Room--;
        return true;
    }

    /// <summary>Counts the end of a run that was not admitted.</summary>
    internal void Count(FlowRunRecord run)
    {
        if (!_flows.TryGetValue(run.Flow, out var flow))
            return;
        flow.IsDirty = IsDirty = true;
        if (run.State == FlowRunState.Completed)
            flow.Completed++;
        else
            flow.Other++;
    }

    /// <summary>A line for each flow whose runs were counted since the last time.</summary>
    internal List<StyledLine> TakeSummaries(Glyphs glyphs)
    {
        IsDirty = false;
        var summaries = new List<StyledLine>();
        foreach (var (name, flow) in _flows)
        {
            if (!flow.IsDirty)
                continue;
            flow.IsDirty = false;
            var (sign, tone) = glyphs.Of(flow.Other == 0 ? FlowRunState.Completed : FlowRunState.Failed);
            var line = new StyledLine().Add(sign, tone)
                .Add($" {name} {glyphs.Times} {Readable.Count(flow.Completed + flow.Other)} more runs");
            if (flow.Other > 0)
                line.Add($", {Readable.Count(flow.Other)} did not complete", Tone.Bad);
            summaries.Add(line);
        }
        return summaries;
    }
}
