using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

public sealed partial class PostgreSqlStore
{
    /// <inheritdoc/>
    public async ValueTask<RunMessage?> SendAsync(RunMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(message.Actor, "message.Actor");
        cancellationToken.ThrowIfCancellationRequested();
        var server = Opened;
        // One without a key gets one for its attempts, so that none of them is kept beside another.
        var key = message.Key is { } given ? Texts.Hash(given) : Guid.CreateVersion7();
        var sent = await server.RunAsync(
            (Store: this, message, key),
            static (attempt, send, _) => send.Store.SendAsync(attempt, send.message, send.key),
            new Attempts(),
            cancellationToken).ConfigureAwait(false);
        if (sent is not null)
            _hints.Tell();
        return sent;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RunMessage>> GetMessagesAsync(long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await ReadAsync(
            (_messages, after, limit),
            static (connection, q, token) => q._messages.AfterAsync(connection, q.after, q.limit, token),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RunMessage>> GetUntakenAsync(RunId root, CancellationToken cancellationToken) => await ReadAsync(
        (_messages, root), static (connection, q, token) => q._messages.UntakenAsync(connection, q.root, token), cancellationToken)
        .ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<long> GetLastMessageAsync(CancellationToken cancellationToken) =>
        ReadAsync(_messages, static (connection, messages, token) => messages.LastAsync(connection, token), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<QuestionRecord>> GetQuestionsAsync(
        RunId? run, bool onlyOpen, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await ReadAsync(
            (_messages, run, onlyOpen, limit),
            static (connection, q, token) => q._messages.QuestionsAsync(connection, q.run, q.onlyOpen, q.limit, token),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> SetPausedAsync(string flow, PausedFlow? paused, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        if (paused is not null && (paused.Flow != flow || paused.Actor is null))
            throw new ArgumentException($"What pauses flow '{flow}' is of flow '{paused.Flow}', or lacks who paused it.", nameof(paused));

        cancellationToken.ThrowIfCancellationRequested();
        _ = Opened;
        var outcome = await OnceAsync(
            (Store: this, flow, paused), static (batch, change) => change.Store.SetPausedAsync(batch, change.flow, change.paused),
            isLookedFor: true, cancellationToken).ConfigureAwait(false);
        return outcome.Changed > 0;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PausedFlow>> GetPausedAsync(CancellationToken cancellationToken) => await ReadAsync(
        _messages, static (connection, messages, token) => messages.PausedAsync(connection, token), cancellationToken).ConfigureAwait(false);

    private async ValueTask<RunMessage?> SendAsync(Attempt attempt, RunMessage message, Guid key)
    {
        var batch = new NpgsqlBatch(attempt.Connection);
        await using (batch.ConfigureAwait(false))
        {
            _records.Messages.Send(batch, message, key, _options.TimeProvider.GetUtcNow());
            _hints.Give(batch);
            return (await batch.QueryAsync(MessageReader.Map, CancellationToken.None).ConfigureAwait(false)).FirstOrDefault();
        }
    }

    private async ValueTask SetPausedAsync(NpgsqlBatch batch, string flow, PausedFlow? paused)
    {
        var id = await _records.FlowIdAsync(batch.Connection!, flow).ConfigureAwait(false);
        if (paused is null)
            _pauses.Resume(batch, id);
        else
            _pauses.Pause(batch, id, paused);
    }
}
