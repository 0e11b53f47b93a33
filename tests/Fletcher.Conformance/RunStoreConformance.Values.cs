using CsCheck;
using Fletcher.Model;

namespace Fletcher.Conformance;

public abstract partial class RunStoreConformance
{
    public static TheoryData<ValueFormat, int> ValueSizes
    {
        get
        {
            var data = new TheoryData<ValueFormat, int>();
            foreach (var format in Enum.GetValues<ValueFormat>())
            {
                foreach (var size in (int[])[0, 1, 1000, 65_535, 65_536, 65_537, 1_000_000, 5_000_000])
                    data.Add(format, size);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ValueSizes))]
    public async Task Values_of_any_size_and_format_come_back(ValueFormat format, int size)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        var run = A.FlowRun() with { Result = A.Value(content, format) };
        var step = A.StepRun(run.Id, 1) with { Result = A.Value(content, format) };
        var cached = A.Cached("S", "k", A.Instant, "") with { Result = A.Value(content, format) };

        await WriteAsync(run, step, cached);

        StoredValue?[] results =
        [
            (await Store.GetFlowRunAsync(run.Id, Cancellation))!.Result,
            Assert.Single(await StepRunsAsync(run.Id)).Result,
            (await Store.FindCachedAsync("S", cached.Key, Cancellation))!.Result,
            (await Store.FindLastSuccessAsync(run.Flow, step.Step.Name, A.RunId(), Cancellation))!.Result,
        ];
        foreach (var result in results)
        {
            Assert.NotNull(result);
            Assert.Equal((format, (long)size, ContentHash.Of(content)), (result.Format, result.Length, result.Hash));
            Assert.Equal(content, (await Store.ReadValueAsync(result, Cancellation)).ToArray());
        }
    }

    [Fact]
    public async Task A_value_that_was_read_may_be_written_again_for_another_run()
    {
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        var first = A.RunId();
        await WriteAsync(A.StepRun(first, 1) with { Result = A.Value(content) });
        var read = Assert.Single(await StepRunsAsync(first));
        var second = A.FlowRun() with { Result = read.Result };

        await WriteAsync(second, read with { Superseded = true }, read with { RunId = second.Id, State = StepRunState.Cached });

        foreach (var run in (RunId[])[first, second.Id])
        {
            var again = Assert.Single(await StepRunsAsync(run)).Result!;
            Assert.Equal(content, (await Store.ReadValueAsync(again, Cancellation)).ToArray());
        }

        await AssertSameAsync(second, await Store.GetFlowRunAsync(second.Id, Cancellation));
    }

    [Fact]
    public async Task Records_with_everything_and_with_nothing_come_back()
    {
        var fullRun = Samples.FullFlowRun;
        var bareRun = A.FlowRun();
        var fullStep = Samples.FullStepRun with { RunId = fullRun.Id };
        var bareStep = A.StepRun(fullRun.Id, fullStep.Sequence + 1, StepRunState.Waiting) with { StartedAt = null, Attempt = 0 };

        await WriteAsync(fullRun, bareRun, fullStep, bareStep);

        await AssertSameAsync(fullRun, await Store.GetFlowRunAsync(fullRun.Id, Cancellation));
        await AssertSameAsync(bareRun, await Store.GetFlowRunAsync(bareRun.Id, Cancellation));
        await AssertSameAsync(new[] { fullStep, bareStep }, (await StepRunsAsync(fullRun.Id)).ToArray());
    }

    [Fact]
    public Task Any_flow_run_comes_back() => Generators.FlowRun.SampleAsync(
        async run =>
        {
            await WriteAsync(run);
            await AssertSameAsync(run, await Store.GetFlowRunAsync(run.Id, Cancellation));
        },
        iter: 200,
        threads: 1);

    [Fact]
    public Task Any_step_run_comes_back() => Generators.StepRun.SampleAsync(
        async stepRun =>
        {
            await WriteAsync(stepRun);
            await AssertSameAsync(stepRun, Assert.Single(await StepRunsAsync(stepRun.RunId)));
        },
        iter: 200,
        threads: 1);

    [Fact]
    public Task Any_log_line_and_ledger_entry_and_artifact_comes_back() => Generators.Details.SampleAsync(
        async details =>
        {
            await WriteAsync(details.Log, details.Ledger, details.Artifact);
            await AssertSameAsync(details.Log, Assert.Single(await Store.GetLogsAsync(details.Log.RunId, null, 10, Cancellation)));
            await AssertSameAsync(details.Ledger, Assert.Single(await Store.GetLedgerAsync(details.Ledger.RunId, Cancellation)));
            await AssertSameAsync(details.Artifact, Assert.Single(await Store.GetArtifactsAsync(details.Artifact.RunId, Cancellation)));
        },
        iter: 100,
        threads: 1);
}
