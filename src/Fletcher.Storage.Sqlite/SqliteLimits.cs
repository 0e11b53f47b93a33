using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>The limits of a <see cref="SqliteStore"/>.</summary>
internal sealed class SqliteLimits(Func<WriterConnection> writer, Func<ReaderPool> readers, ChangeSignal changes, TimeProvider time) : ILimitStore
{
    public event Action<IReadOnlyList<Guid>>? Granted;

    public bool IsShared => true;

    private long Now => LimitLane.Microseconds(time.GetUtcNow());

    public IDisposable Listen(Action heard)
    {
        ArgumentNullException.ThrowIfNull(heard);
        _ = writer();
        return changes.Listen(changes.Grants, heard);
    }

    public async ValueTask DeclareAsync(IReadOnlyDictionary<string, LimitSettings> declared, CancellationToken cancellationToken)
    {
        LimitCheck.Check(declared);
        cancellationToken.ThrowIfCancellationRequested();
        if (declared.Count == 0)
            return;
        await writer().TransactAsync(
            declared,
            static (writer, declared) =>
            {
                writer.Limits.Declare(declared);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<bool> SetAsync(
        string name, LimitSettings? settings, string actor, string? reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        LimitCheck.Check(name, settings);
        cancellationToken.ThrowIfCancellationRequested();
        return await writer().TransactAsync(
            (name, settings, actor, reason),
            static (writer, set) => writer.Limits.Set(set.name, set.settings, set.actor, set.reason),
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<LimitRecord>> GetLimitsAsync(CancellationToken cancellationToken) =>
        await readers().ReadAsync(0, static (reader, _) => LimitReader.Limits(reader), cancellationToken).ConfigureAwait(false);

    public async ValueTask<LimitExchange> ExchangeAsync(
        IReadOnlyList<LimitLeave> leave, IReadOnlyList<LimitPlace> enter, CancellationToken cancellationToken)
    {
        LimitCheck.Check(leave, enter);
        cancellationToken.ThrowIfCancellationRequested();
        return await writer().TransactAsync(
            (leave, enter),
            static (writer, exchange) => writer.Limits.Exchange(exchange.leave, exchange.enter),
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<LimitLook> LookAsync(IReadOnlyList<Guid> places, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(places);
        return readers().ReadAsync(
            (places, Now),
            static (reader, look) =>
            {
                var changed = new List<LimitStanding>();
                foreach (var place in look.places)
                {
                    if (LimitReader.Changed(reader, place) is { } standing)
                        changed.Add(standing);
                }

                return new LimitLook(
                    changed, LimitReader.NextDue(reader) is { } due ? LimitLane.Until(due, look.Now) : null);
            },
            cancellationToken);
    }

    public async ValueTask<IReadOnlyList<LimitLaneRecord>> GetLanesAsync(
        string limit, string? key, string? after, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(limit);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return await readers().ReadAsync(
            (limit, key, after, count, Now),
            static (reader, q) => LimitReader.Lanes(reader, q.limit, q.key, q.after, q.count, q.Now),
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<LimitPlace>> GetPlacesAsync(RunId root, CancellationToken cancellationToken) =>
        await readers().ReadAsync(root, LimitReader.OfRoot, cancellationToken).ConfigureAwait(false);

    /// <summary>Tells what a transaction did that somebody may wait for.</summary>
    internal void Tell(LimitNews news)
    {
        if (news.Granted.Count > 0)
            Granted?.Invoke(news.Granted);
        if (news.IsForOthers)
            changes.Grants.Tell();
        else if (news.IsStirred)
            changes.Grants.TellHere();
    }
}
