using System.Globalization;
using System.Text.Json;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Torture.Flows;
using Fletcher.Torture.Oracle;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Conductor;

/// <summary>Reads a store for the oracle.</summary>
internal static class Stored
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static StoredStep Step(StepRunRecord step) =>
        new(step.Sequence, step.Name, step.State, step.Attempt, step.EndedAt, step.Result?.Hash)
        {
            IsTransaction = step.Step.Name == "Flow.Transaction",
            Undoes = step.Undoes,
            UndoesRun = step.UndoesRunId?.ToString(),
            IsDiscarded = step.Discarded,
        };

    /// <summary>A value that a flow or step of the torture's made.</summary>
    public static T Read<T>(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<T>(json, Json)!;

    /// <summary>All runs.</summary>
    public static async Task<List<StoredRun>> RunsAsync(IRunStore store, CancellationToken cancellationToken)
    {
        var runs = new List<StoredRun>();
        var query = new FlowRunQuery { Limit = 1000 };
        while (true)
        {
            var page = await store.GetFlowRunsAsync(query, cancellationToken);
            if (page.Count == 0)
                return runs;
            foreach (var run in page)
                runs.Add(await RunAsync(store, run, cancellationToken));
            query = query with { Before = page[^1].Id };
        }
    }

    private static async Task<StoredRun> RunAsync(IRunStore store, FlowRunRecord run, CancellationToken cancellationToken)
    {
        var steps = new List<StoredStep>();
        await foreach (var step in store.GetStepRunsAsync(run.Id, cancellationToken))
            steps.Add(Step(step) with { Receipt = await ReceiptAsync(store, step, cancellationToken) });
        var isRandom = run.Flow == RandomFlow.Id;
        return new StoredRun
        {
            Id = run.Id.ToString(),
            Root = run.RootRunId.ToString(),
            Seed = isRandom ? ulong.Parse(run.OnceKey!, CultureInfo.InvariantCulture) : 0,
            State = run.State,
            EndedAt = (run.EndedAt - DateTimeOffset.UnixEpoch)?.TotalMilliseconds,
            Error = run.Error is { } error ? $"{error.Type}: {error.Message}" : run.Reason,
            Result = isRandom && run.Result is { } result
                ? Read<Folded>((await store.ReadValueAsync(result, cancellationToken)).Span)
                : null,
            Steps = steps,
        };
    }

    private static async Task<string?> ReceiptAsync(IRunStore store, StepRunRecord step, CancellationToken cancellationToken) =>
        step.Result is { } result && step.Step.Name.StartsWith(nameof(UndoableSteps), StringComparison.Ordinal)
            ? Read<Reserved>((await store.ReadValueAsync(result, cancellationToken)).Span).Receipt
            : null;
}
