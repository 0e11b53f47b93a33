using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>A change of a deployment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Expected">The <see cref="DeploymentRecord.Version"/> that must be in the store; 0 when there must be none.</param>
/// <param name="Record">What takes its place, with a version one higher than the expected one, whatever it says itself; null to delete it.</param>
public sealed record DeploymentWrite(string Name, long Expected, DeploymentRecord? Record)
{
    /// <summary>The record in the place of the one that it was made from.</summary>
    public static DeploymentWrite Of(DeploymentRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new DeploymentWrite(record.Name, record.Version, record);
    }

    /// <summary>For stores: the record as it is kept.</summary>
    public DeploymentRecord? Kept => Record is null ? null : Record with { Version = Expected + 1 };

    /// <exception cref="ArgumentException">One cannot be kept.</exception>
    internal static void Check(IReadOnlyList<DeploymentWrite> writes)
    {
        ArgumentNullException.ThrowIfNull(writes);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var write in writes)
        {
            if (write?.Name is not { Length: > 0 and <= DeploymentRecord.LongestName } name || !names.Add(name) || (write.Record is { } record && record.Name != name))
                throw new ArgumentException($"A deployment's name must have 1 to {DeploymentRecord.LongestName} characters, be that of its record, and be there once.", nameof(writes));
        }
    }
}
