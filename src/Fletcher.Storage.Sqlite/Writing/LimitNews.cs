namespace Fletcher.Storage.Sqlite;

/// <summary>What a transaction did that somebody may wait for who waits for a place under a limit.</summary>
/// <param name="Granted">The places that it granted.</param>
/// <param name="IsStirred">Whether who waits here has to look for something else.</param>
/// <param name="IsForOthers">Whether it is of account to somebody who did not ask here, so in another process.</param>
internal readonly record struct LimitNews(IReadOnlyList<Guid> Granted, bool IsStirred, bool IsForOthers);
