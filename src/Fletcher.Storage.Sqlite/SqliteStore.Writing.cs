using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public async ValueTask WriteAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        var writer = Writer;
        WriteLargeValues(batch);
        await writer.TransactAsync(
            batch,
            static (writer, batch) =>
            {
                writer.Write(batch);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (IsLookedFor(batch))
            _changes.Work.Tell();
    }

    private static bool IsLookedFor(WriteBatch batch)
    {
        if (batch.Messages.Count > 0)
            return true;
        foreach (var run in batch.FlowRuns)
        {
            if (run.IsLookedFor())
                return true;
        }

        return false;
    }

    private void WriteLargeValues(WriteBatch batch)
    {
        foreach (var run in batch.StepRuns)
            WriteLargeValue(run?.Result);
        foreach (var run in batch.FlowRuns)
            WriteLargeValue(run?.Result);
        foreach (var entry in batch.Cache)
            WriteLargeValue(entry?.Result);
    }

    private void WriteLargeValue(StoredValue? value)
    {
        if (value?.Content is { } content && content.Length > _options.LargeValueThreshold)
            _largeValues.Write(value);
    }
}
