namespace Fletcher.Cli;

/// <summary>Whether the store is whole, as far as that can be said soon.</summary>
internal static class StoreCheck
{
    /// <summary>What is larger is not read through here.</summary>
    private const long Most = 200_000_000;

    internal static async Task<IEnumerable<Finding>> FindAsync(Session session)
    {
        var place = StorePlace.Of(session.Arguments);
        if (!place.IsPostgreSql && new FileInfo(place.Text) is { Exists: true, Length: > Most })
            return [];
        var found = await session.Upkeep().CheckAsync(session.CancellationToken).ConfigureAwait(false);
        return found.Select(static damage => new Finding("store", damage, "'fletcher store check' says all of it."));
    }
}
