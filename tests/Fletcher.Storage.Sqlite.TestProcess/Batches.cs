using Fletcher.Model;

namespace Fletcher.Storage.Sqlite.TestProcess;

/// <summary>Writes batches that a reader can tell from parts of batches.</summary>
public static class Batches
{
    /// <summary>The step runs of each batch.</summary>
    public const int Size = 20;

    /// <summary>The bytes of the large value that each batch has.</summary>
    public const int LargeValueBytes = 100_000;

    /// <summary>The flow whose runs have these batches; the run's attempt is the number of its batches.</summary>
    public const string Flow = "Test.Batches";

    public static async Task WriteAsync(SqliteStore store, int batches)
    {
        var run = RunId.New(TimeProvider.System);
        var step = new StepCode("Test.Step", null, null, 0);
        var batch = new WriteBatch();
        for (var number = 1; number <= batches; number++)
        {
            batch.FlowRuns.Add(Run(run) with { Attempt = number });
            for (var i = 1; i <= Size; i++)
            {
                var content = new byte[i == 1 ? LargeValueBytes : 10];
                new Random(number).NextBytes(content);
                batch.StepRuns.Add(new StepRunRecord
                {
                    RunId = run,
                    Sequence = ((number - 1) * Size) + i,
                    Key = default,
                    Step = step,
                    State = StepRunState.Completed,
                    Result = new StoredValue(ValueFormat.Bytes, content, null, ContentHash.Of(content), content.Length),
                });
            }

            await store.WriteAsync(batch, CancellationToken.None).ConfigureAwait(false);
            batch.Clear();
            await Console.Out.WriteLineAsync($"{run} {number}").ConfigureAwait(false);
        }
    }

    private static FlowRunRecord Run(RunId id) => new()
    {
        Id = id,
        Flow = Flow,
        State = FlowRunState.Running,
        Parameters = "{}"u8.ToArray(),
        ParametersHash = ContentHash.Of("{}"u8),
        RootRunId = id,
    };
}
