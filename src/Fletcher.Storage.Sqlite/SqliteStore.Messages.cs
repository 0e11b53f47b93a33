using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public async ValueTask<RunMessage?> SendAsync(RunMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(message.Actor, "message.Actor");
        cancellationToken.ThrowIfCancellationRequested();
        var sent = await Writer.TransactAsync(
            message, static (writer, message) => writer.Messages.Send(message), cancellationToken).ConfigureAwait(false);
        if (sent is not null)
            _changes.Work.Tell();
        return sent;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RunMessage>> GetMessagesAsync(long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await Readers.ReadAsync(
            (after, limit), static (reader, q) => MessageReader.After(reader, q.after, q.limit), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RunMessage>> GetUntakenAsync(RunId root, CancellationToken cancellationToken) =>
        await Readers.ReadAsync(root, MessageReader.Untaken, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<long> GetLastMessageAsync(CancellationToken cancellationToken) =>
        Readers.ReadAsync(0, static (reader, _) => MessageReader.Last(reader), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<QuestionRecord>> GetQuestionsAsync(
        RunId? run, bool onlyOpen, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await Readers.ReadAsync(
            (run, onlyOpen, limit),
            static (reader, q) => QuestionReader.List(reader, q.run, q.onlyOpen, q.limit),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> SetPausedAsync(string flow, PausedFlow? paused, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        if (paused is not null && (paused.Flow != flow || paused.Actor is null))
            throw new ArgumentException($"What pauses flow '{flow}' is of flow '{paused.Flow}', or lacks who paused it.", nameof(paused));

        cancellationToken.ThrowIfCancellationRequested();
        var isChanged = await Writer.TransactAsync(
            (flow, paused),
            static (writer, change) => change.paused is null ? writer.Pauses.Resume(change.flow) : writer.Pauses.Pause(change.paused),
            cancellationToken).ConfigureAwait(false);
        if (isChanged)
            _changes.Work.Tell();
        return isChanged;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PausedFlow>> GetPausedAsync(CancellationToken cancellationToken) =>
        await Readers.ReadAsync(0, static (reader, _) => PauseReader.List(reader), cancellationToken).ConfigureAwait(false);
}
