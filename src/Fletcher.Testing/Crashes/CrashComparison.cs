using Fletcher.Model;

namespace Fletcher.Testing;

/// <summary>What is not the same after a crash.</summary>
internal static class CrashComparison
{
    private const int MostLines = 20;

    private const string Advice = "A step whose end was not committed runs again. Let it do the same when it runs twice, or mark it "
        + "Delivery = Delivery.AtMostOnce.";

    /// <summary>The first difference, in words; null when there is none that matters.</summary>
    internal static string? Difference(CrashedRun expected, CrashedRun actual, CrashCheckOptions options)
    {
        if (BegunTwice(expected, actual) is { } step)
            return $"The at-most-once step '{step}' began twice.";
        if (actual.IsInDoubt)
            return null;
        if (actual.Final.Error is { } error)
            return $"The flow then fails: {error.GetType().Name}: {error.Message}";
        if (actual.Final.Record?.State != FlowRunState.Completed)
            return $"The run then is {actual.Final.Record?.State}, not Completed.";
        if (Lines("result", expected.Final.ResultText ?? "", actual.Final.ResultText ?? "") is { } result)
            return result;
        return options.Effects is null
            ? Lines("step results", expected.Effects, actual.Effects)
            : Lines("effects", expected.Effects, actual.Effects) is { } effects ? $"{effects}\n{Advice}" : null;
    }

    /// <summary>An at-most-once step whose attempt began more often than undisturbed.</summary>
    private static string? BegunTwice(CrashedRun expected, CrashedRun actual)
    {
        var before = Begun(expected).CountBy(Identity).ToDictionary();
        return Begun(actual).GroupBy(Identity)
            .FirstOrDefault(step => step.Count() > Math.Max(1, before.GetValueOrDefault(step.Key))
                || step.CountBy(begun => (begun.Run, begun.Sequence)).Any(one => one.Value > 1))
            ?.First().Step;
    }

    private static IEnumerable<StepEvent> Begun(CrashedRun run) =>
        run.Events.Where(happened => happened is { Kind: StepEventKind.Began, IsAtMostOnce: true });

    private static (string, string, StepKey, int) Identity(StepEvent step) => (step.Flow, step.Step, step.Key, step.Attempt);

    /// <summary>Which lines are in one text only.</summary>
    private static string? Lines(string what, string expected, string actual)
    {
        if (expected == actual)
            return null;
        var left = expected.Split('\n');
        var right = actual.Split('\n');
        var missing = Without(left, right);
        var more = Without(right, left);
        if (missing.Count + more.Count == 0)
            return $"The {what} are in another order. Undisturbed:\n{Shown(left, "  ")}\nNow:\n{Shown(right, "  ")}";
        var text = $"The {what} differ{(what == "result" ? "s" : "")}.";
        if (missing.Count > 0)
            text += $" Missing:\n{Shown([.. missing.Select(Trimmed)], "  - ")}";
        return more.Count > 0 ? $"{text}{(missing.Count > 0 ? "\n" : " ")}Added:\n{Shown([.. more.Select(Trimmed)], "  + ")}" : text;
    }

    private static List<string> Without(string[] lines, string[] others)
    {
        var left = others.CountBy(Trimmed).ToDictionary();
        return [.. lines.Where(line => left.GetValueOrDefault(Trimmed(line)) == 0 || left[Trimmed(line)]-- < 0)];
    }

    // The comma behind the last element but one of a JSON array is no difference.
    private static string Trimmed(string line) => line.Trim().TrimEnd(',');

    private static string Shown(string[] lines, string mark)
    {
        var shown = lines.Take(MostLines).Select(line => mark + Cut(line.TrimEnd()));
        return string.Join('\n', lines.Length > MostLines ? shown.Append($"  and {lines.Length - MostLines} more lines") : shown);
    }

    private static string Cut(string line) => line.Length <= 300 ? line : line[..299] + "…";
}
