using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// The part of a store that keeps variables and secrets. It does not know what they hold: a secret comes encrypted and stays so. Names are compared by their characters (ordinal).
/// </summary>
public interface IVariableStore
{
    /// <summary>The one of this kind and name; null when there is none.</summary>
    ValueTask<VariableRecord?> GetAsync(VariableKind kind, string name, CancellationToken cancellationToken);

    /// <summary>Those of a kind, by name (ordinal).</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="after">Only names after this one; null for all.</param>
    /// <param name="limit">How many at the most; from 1.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    ValueTask<IReadOnlyList<VariableRecord>> ListAsync(VariableKind kind, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Keeps a record in the place of the one with its kind and name. Its <see cref="VariableRecord.Version"/> becomes one higher than that one's, or 1. Durable when it returns.</summary>
    /// <param name="record">The record; its own version is not looked at.</param>
    /// <param name="expected">The version that must be in the store, 0 for none at all; null for any.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>False when the store had another version: then nothing has changed.</returns>
    /// <exception cref="ArgumentException">The name is not allowed, or the value is too large.</exception>
    ValueTask<bool> TryPutAsync(VariableRecord record, long? expected, CancellationToken cancellationToken);

    /// <summary>Deletes one. Durable when it returns.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="name">Its name.</param>
    /// <param name="expected">The version that must be in the store; null for any.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>False when there was none, or not in that version.</returns>
    ValueTask<bool> TryDeleteAsync(VariableKind kind, string name, long? expected, CancellationToken cancellationToken);
}
