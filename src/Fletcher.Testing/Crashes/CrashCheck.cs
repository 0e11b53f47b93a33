using System.Text.Json;
using Fletcher.Engine;
using Fletcher.Model;

namespace Fletcher.Testing;

/// <summary>Runs a flow once undisturbed, then once for each point at which its process can die, and compares.</summary>
internal sealed class CrashCheck(Func<FlowTestHost, Task<FlowTestRun>> flow, CrashCheckOptions options)
{
    private readonly JsonSerializerOptions _json = new(ValueCodec.CreateOptions()) { WriteIndented = true };

    internal async Task<CrashCheckResult> RunAsync()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxPoints, 1, "options.MaxPoints");
        var expected = await RunFlowAsync(new CrashTrigger(), null).ConfigureAwait(false);
        expected.Final.ShouldComplete();
        if (expected.Roots.Count != 1)
        {
            throw new FlowAssertException(
                $"The code calls {expected.Roots.Count} flows ({string.Join(", ", expected.Roots.Select(run => run.Flow))}). Check each with a call of its own.");
        }

        var points = new CrashPoints(expected.Commits, expected.Steps, options.MaxPoints);
        var crashes = 0;
        var wasReached = false;
        foreach (var (kind, at) in points.All(() => wasReached))
        {
            var actual = await RunFlowAsync(new CrashTrigger(kind, at), expected).ConfigureAwait(false);
            wasReached = actual.Where is not null;
            crashes += wasReached ? 1 : 0;
            if (CrashComparison.Difference(expected, actual, options) is { } difference)
                throw new FlowAssertException(Message(actual, crashes, difference), actual.Final.Error);
        }

        return new CrashCheckResult
        {
            Commits = expected.Commits,
            Steps = expected.Steps,
            Crashes = crashes,
            IsComplete = points.IsComplete,
        };
    }

    private static string Message(CrashedRun actual, int crash, string difference) =>
        $"""
        The flow does not come to the same end when its process dies {actual.Where ?? "nowhere: two undisturbed runs differ"} (crash {crash}).
        {difference}
        The steps, after another process has continued the run:
        {StepTable.Of(actual.Final.Steps)}
        """;

    private async Task<CrashedRun> RunFlowAsync(CrashTrigger trigger, CrashedRun? undisturbed)
    {
        options.Arrange?.Invoke();
        var setup = new FlowTestOptions();
        options.Host?.Invoke(setup);
        var test = new FlowTestHost(setup, trigger);
        await using var ended = test.ConfigureAwait(false);
        var run = await FirstAsync(test).ConfigureAwait(false);
        if (test.HasCrashed)
        {
            if (undisturbed is not null && options.UnknownSteps == UnknownSteps.Resolved)
                await new DoubtResolver(test, undisturbed).ResolveAsync().ConfigureAwait(false);
            await test.RestartAsync().ConfigureAwait(false);
            run = await ContinueAsync(test).ConfigureAwait(false);
        }

        return new CrashedRun(
            run!, EffectsOf(run!), test.Events.Since(0), trigger.Where, trigger.Commits, trigger.Steps,
            await test.Reader.RootsAsync().ConfigureAwait(false),
            undisturbed is null ? await AtMostOnceAsync(test, run!).ConfigureAwait(false) : undisturbed.AtMostOnce);
    }

    /// <summary>Calls the flow; null when its process died before there was a run.</summary>
    private async Task<FlowTestRun?> FirstAsync(FlowTestHost test)
    {
        try
        {
            return await flow(test).ConfigureAwait(false);
        }
        catch (ProcessDiedException)
        {
            return null;
        }
    }

    /// <summary>Calls the flow again, unless its run was over when the process died: then there is nothing to continue.</summary>
    private async Task<FlowTestRun> ContinueAsync(FlowTestHost test)
    {
        var roots = await test.Reader.RootsAsync().ConfigureAwait(false);
        return roots.FirstOrDefault(run => run.State == FlowRunState.Completed) is { } done
            ? new FlowTestRun<Nothing>(
                await test.Reader.ReadAsync(done.Id, new FlowCall(test.Events.Count)).ConfigureAwait(false), Outcome<Nothing>.Success(default))
            : await flow(test).ConfigureAwait(false);
    }

    private string EffectsOf(FlowTestRun run)
    {
        if (options.Effects is not { } effects)
        {
            return string.Join('\n', run.Steps
                .Where(step => step.State.HasResult() && step.Record is { Superseded: false, Discarded: false })
                .Select(step => $"{step.DisplayName}: {step.ResultJson}")
                .Order(StringComparer.Ordinal));
        }

        return effects() is var value && value is string text ? text : JsonSerializer.Serialize(value, _json);
    }

    /// <summary>The results of at-most-once steps, with their bytes at hand: the store they are in is closed soon.</summary>
    private static async Task<Dictionary<(string Flow, StepKey Key), StoredValue?>> AtMostOnceAsync(FlowTestHost test, FlowTestRun run)
    {
        var results = new Dictionary<(string, StepKey), StoredValue?>();
        foreach (var step in run.Steps.Where(step => step.Record.AtMostOnce && step.State.HasResult()))
        {
            var stored = step.Record.Result;
            if (stored is { Content: null })
            {
                var content = await test.Store.ReadValueAsync(stored, CancellationToken.None).ConfigureAwait(false);
                stored = stored with { Content = content.ToArray(), Reference = null };
            }

            results[(step.Flow, step.Record.Key)] = stored;
        }

        return results;
    }
}
