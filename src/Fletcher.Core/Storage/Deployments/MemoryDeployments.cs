using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>The deployments of a <see cref="MemoryStore"/>. It shares that one's lock, so that a record and the runs that are started for it change together.</summary>
internal sealed class MemoryDeployments(
    Lock gate, Func<RunStart, StartedRun> start, Func<string, string, RunId?> findStarted, Action noteChange) : IDeploymentStore
{
    private readonly SortedDictionary<string, DeploymentRecord> _byName = new(StringComparer.Ordinal);
    private readonly SortedSet<(DateTimeOffset NextAt, string Name)> _due = new(
        Comparer<(DateTimeOffset NextAt, string Name)>.Create(static (a, b) => a.NextAt.CompareTo(b.NextAt) is not 0 and var order ? order : string.CompareOrdinal(a.Name, b.Name)));

    public ValueTask<DeploymentRecord?> GetAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            return new(_byName.GetValueOrDefault(name));
    }

    public ValueTask<IReadOnlyList<DeploymentRecord>> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            return new([.. _byName.Values.Where(record => after is null || string.CompareOrdinal(record.Name, after) > 0).Take(limit)]);
    }

    public ValueTask<IReadOnlyList<DeploymentRecord>> GetDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            return new([.. _due.TakeWhile(due => due.NextAt <= now).Take(limit).Select(due => _byName[due.Name])]);
    }

    public ValueTask<DateTimeOffset?> GetNextDueAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            return new(_due.Count == 0 ? null : _due.Min.NextAt);
    }

    public ValueTask<IReadOnlyList<StartedRun>?> TryWriteAsync(
        IReadOnlyList<DeploymentWrite> writes, IReadOnlyList<RunStart> starts, CancellationToken cancellationToken)
    {
        DeploymentWrite.Check(writes);
        StoreArguments.Check(starts);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            foreach (var write in writes)
            {
                if ((_byName.GetValueOrDefault(write.Name)?.Version ?? 0) != write.Expected)
                    return new((IReadOnlyList<StartedRun>?)null);
            }

            foreach (var write in writes)
                Put(write);
            IReadOnlyList<StartedRun> started = [.. starts.Select(start)];
            noteChange();
            return new(started);
        }
    }

    public ValueTask<IReadOnlyDictionary<string, RunId>> FindStartedAsync(
        string flow, IReadOnlyCollection<string> idempotencyKeys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(idempotencyKeys);
        cancellationToken.ThrowIfCancellationRequested();
        var found = new Dictionary<string, RunId>(StringComparer.Ordinal);
        lock (gate)
        {
            foreach (var key in idempotencyKeys)
            {
                if (findStarted(flow, key) is { } run)
                    found[key] = run;
            }
        }

        return new(found);
    }

    private void Put(DeploymentWrite write)
    {
        if (_byName.Remove(write.Name, out var before) && before.NextAt is { } was)
            _due.Remove((was, write.Name));
        if (write.Kept is not { } record)
            return;
        _byName[record.Name] = record;
        if (record.NextAt is { } next)
            _due.Add((next, record.Name));
    }
}
