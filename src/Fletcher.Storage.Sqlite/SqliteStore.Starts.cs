using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StartedRun>> StartAsync(IReadOnlyList<RunStart> starts, CancellationToken cancellationToken)
    {
        StoreArguments.Check(starts);
        cancellationToken.ThrowIfCancellationRequested();
        var started = await Writer.TransactAsync(
            starts, static (writer, starts) => writer.Starts.Start(starts), cancellationToken).ConfigureAwait(false);
        if (started.Exists(static run => run.Outcome != StartOutcome.Found))
            _changes.Work.Tell();
        return started;
    }

    /// <inheritdoc/>
    public async ValueTask PutFlowsAsync(IReadOnlyList<FlowRecord> flows, CancellationToken cancellationToken)
    {
        StoreArguments.Check(flows);
        cancellationToken.ThrowIfCancellationRequested();
        await Writer.TransactAsync(
            flows,
            static (writer, flows) =>
            {
                foreach (var flow in flows)
                    writer.Flows.Put(flow);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        _changes.Work.Tell();
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FlowRecord>> GetFlowsAsync(CancellationToken cancellationToken) =>
        await Readers.ReadAsync(0, static (reader, _) => FlowReader.List(reader), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<FlowRecord?> GetFlowAsync(string flow, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return Readers.ReadAsync(flow, FlowReader.Get, cancellationToken);
    }

    /// <inheritdoc/>
    public IDisposable Listen(Action heard)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _changes.Listen(_changes.Work, heard);
    }
}
