using Fletcher.Model;
using Fletcher.Torture.Conductor;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Flows;

namespace Fletcher.Torture.Oracle;

/// <summary>Says what was lost, done twice or given to the wrong host while hosts shared runs.</summary>
internal static class SharingJudge
{
    /// <param name="runs">Every run as it ended.</param>
    /// <param name="effects">The lines of their steps.</param>
    /// <param name="capacity">How many runs each process may execute at the same time.</param>
    /// <param name="killed">The process that was killed.</param>
    /// <param name="stopped">The process that was stopped and went on.</param>
    public static IEnumerable<string> Check(
        IReadOnlyList<SharedRun> runs, IReadOnlyList<Effect> effects, IReadOnlyDictionary<int, int> capacity, int killed, int stopped)
    {
        var troubled = new HashSet<int> { killed, stopped };
        var lines = effects.GroupBy(effect => effect.Run).SelectMany(run => BeforeReturn(run, killed, stopped)).ToLookup(effect => effect.Run);
        return runs.SelectMany(run => CheckRun(run, [.. lines[run.Run.Id.ToString()]], troubled))
            .Concat(CheckMoved(lines, capacity, troubled))
            .Concat(CheckCapacity(effects, capacity, troubled));
    }

    /// <summary>
    /// The lines of a run without those of a process that came back to it when another had it: it finishes the steps that it is in, and begins one at the most, until a write of its
    /// is refused. None of them is at most once: those ask first.
    /// </summary>
    private static IEnumerable<Effect> BeforeReturn(IEnumerable<Effect> run, int killed, int stopped)
    {
        var isTaken = false;
        foreach (var line in run)
        {
            if (line.Process != stopped || !isTaken || line.Path.StartsWith("Mail", StringComparison.Ordinal))
                yield return line;
            isTaken |= line.Process != stopped && line.Process != killed;
        }
    }

    private static IEnumerable<string> CheckRun(SharedRun shared, IReadOnlyList<Effect> lines, HashSet<int> troubled)
    {
        var (customer, run, bill) = shared;
        if (run.State != FlowRunState.Completed || bill is null)
        {
            yield return $"{run.Name} ended {run.State}: {run.Error?.Message ?? run.Reason}";
            yield break;
        }

        if (bill.Flights != Invoices.Total(customer) || bill.Sent + bill.InDoubt.Length != Invoices.Each)
            yield return $"{run.Name} has the result {bill}";
        var isTroubled = lines.Any(line => troubled.Contains(line.Process));
        if (bill.InDoubt.Length > 0 && !isTroubled)
            yield return $"{run.Name} is in doubt, but no process of it was killed or stopped";

        var began = lines.Where(line => line.Kind == EffectKind.Began).GroupBy(line => line.Path).ToDictionary(path => path.Key, path => path.ToList());
        for (var airport = 0; airport < Invoices.Each; airport++)
        {
            var mails = began.GetValueOrDefault(Invoices.Path("Mail", airport))?.Count ?? 0;
            if (mails > 1 || (mails == 0 && !bill.InDoubt.Contains(airport)))
                yield return $"{run.Name} sent mail {airport} {mails} times";
        }

        foreach (var (path, times) in began.Where(path => path.Value.Count > 1))
        {
            if (!isTroubled)
                yield return $"{run.Name} did {path} {times.Count} times, but no process of it was killed or stopped";

            // Whoever made an invoice had loaded before, and it was written.
            if (path == "Load" && lines.Any(line => line.Offset < times[^1].Offset && line.Path != path && line.Process == times[0].Process))
                yield return $"{run.Name} loaded again after it had made invoices";
        }
    }

    /// <summary>A run moves to another process only when its own was killed or stopped, which had no more than its capacity.</summary>
    private static IEnumerable<string> CheckMoved(ILookup<string, Effect> lines, IReadOnlyDictionary<int, int> capacity, HashSet<int> troubled)
    {
        var moved = lines.Where(run => run.Any(line => line.Process != run.First().Process)).ToLookup(run => run.First().Process);
        foreach (var from in moved)
        {
            if (!troubled.Contains(from.Key))
                yield return $"process {from.Key} gave {from.Count()} runs away, but it was neither killed nor stopped";
            else if (from.Count() > capacity[from.Key])
                yield return $"process {from.Key} left {from.Count()} runs behind, and its capacity is {capacity[from.Key]}";
        }
    }

    /// <summary>A process that was not troubled never executed more runs at the same time than its capacity, from their first line to their last.</summary>
    private static IEnumerable<string> CheckCapacity(IReadOnlyList<Effect> effects, IReadOnlyDictionary<int, int> capacity, HashSet<int> troubled)
    {
        foreach (var process in effects.Where(line => !troubled.Contains(line.Process)).GroupBy(line => line.Process))
        {
            var last = process.GroupBy(line => line.Run).ToDictionary(run => run.Key, run => run.Last());
            HashSet<string> open = [];
            foreach (var line in process)
            {
                if (open.Add(line.Run) && open.Count > capacity[process.Key])
                {
                    yield return $"process {process.Key} executed {open.Count} runs at the same time, and its capacity is {capacity[process.Key]}";
                    break;
                }

                if (last[line.Run] == line)
                    open.Remove(line.Run);
            }
        }
    }
}
