namespace Fletcher.Storage;

/// <summary>
/// Thrown by <see cref="IRunStore.WriteAsync"/>: some of the batch was made under leases that are not the newest any more, so
/// others have these runs. Nothing of the batch was written.
/// </summary>
/// <param name="leases">The leases that are lost.</param>
public sealed class LeasesLostException(IReadOnlySet<RunLease> leases)
    : Exception($"{leases.Count} of the batch's leases are lost: others have these runs.")
{
    /// <summary>The leases that are lost.</summary>
    public IReadOnlySet<RunLease> Leases { get; } = leases;
}
