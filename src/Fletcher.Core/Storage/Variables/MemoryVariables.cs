using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>The variables and secrets of a <see cref="MemoryStore"/>.</summary>
internal sealed class MemoryVariables : IVariableStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<(VariableKind Kind, string Name), VariableRecord> _records = new(
        Comparer<(VariableKind Kind, string Name)>.Create(static (a, b) => a.Kind.CompareTo(b.Kind) is not 0 and var order ? order : CodePointOrder.Instance.Compare(a.Name, b.Name)));

    public ValueTask<VariableRecord?> GetAsync(VariableKind kind, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_records.GetValueOrDefault((kind, name)));
    }

    public ValueTask<IReadOnlyList<VariableRecord>> ListAsync(VariableKind kind, string? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new([.. _records.Values.Where(record => record.Kind == kind && (after is null || CodePointOrder.Instance.Compare(record.Name, after) > 0)).Take(limit)]);
    }

    public ValueTask<bool> TryPutAsync(VariableRecord record, long? expected, CancellationToken cancellationToken)
    {
        StoreArguments.Check(record);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var version = _records.GetValueOrDefault((record.Kind, record.Name))?.Version ?? 0;
            if (expected is { } wanted && wanted != version)
                return new(false);
            _records[(record.Kind, record.Name)] = record with { Version = version + 1, Value = record.Value.ToArray() };
            return new(true);
        }
    }

    public ValueTask<bool> TryDeleteAsync(VariableKind kind, string name, long? expected, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return new(_records.TryGetValue((kind, name), out var record)
                && (expected is null || expected == record.Version) && _records.Remove((kind, name)));
        }
    }
}
