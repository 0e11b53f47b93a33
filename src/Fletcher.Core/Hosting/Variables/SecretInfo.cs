namespace Fletcher.Hosting;

/// <summary>What may be seen of a secret.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">How often it was set.</param>
/// <param name="ChangedAt">When it was set last (UTC).</param>
/// <param name="ChangedBy">Who set it last.</param>
/// <param name="Note">What it is for; null when nobody said.</param>
public sealed record SecretInfo(string Name, long Version, DateTimeOffset ChangedAt, string ChangedBy, string? Note);
