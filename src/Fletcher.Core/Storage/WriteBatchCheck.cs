using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>Finds what no store can keep, before any of the batch is written.</summary>
internal static class WriteBatchCheck
{
    /// <exception cref="ArgumentException">A record, or something that it must have, is null.</exception>
    public static void Check(WriteBatch batch)
    {
        foreach (var run in batch.FlowRuns)
            Check(run);
        foreach (var run in batch.StepRuns)
            Require(run is { Step.Name: not null }, "step run");
        foreach (var entry in batch.Ledger)
            Require(entry is { To: not null, Actor: not null, Reason: not null }, "ledger entry");
        foreach (var line in batch.Logs)
            Require(line is { Category: not null, Message: not null }, "log line");
        foreach (var artifact in batch.Artifacts)
            Require(artifact is { Key: not null, Content: not null }, "artifact");
        foreach (var entry in batch.Cache)
            Require(entry is { Step: not null }, "cache entry");
        foreach (var question in batch.Questions)
            Require(question is { Text: not null, Schema: not null }, "question");
        foreach (var message in batch.Messages)
        {
            Require(message is { Actor: not null }, "message");
            if (message.Key is not null)
                throw new ArgumentException($"A message to run {message.RunId} has the key '{message.Key}': only SendAsync takes messages with a key.", nameof(batch));
        }
    }

    /// <exception cref="ArgumentException">The run, or something that it must have, is null.</exception>
    public static void Check(FlowRunRecord run) => Require(
        run is { Flow: not null, Parameters: not null, Queue: not null, Labels: not null, FairnessKey: not null }, "flow run");

    private static void Require(bool condition, string what)
    {
        if (!condition)
            throw new ArgumentException($"The batch has a {what} that is null or lacks a required value.", nameof(condition));
    }
}
