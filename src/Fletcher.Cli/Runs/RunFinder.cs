using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Cli;

/// <summary>Finds the run that a person means: by its id, by how its id begins, or by how it ends, as lists show it.</summary>
internal static class RunFinder
{
    private const int Length = 26;
    private const int ShortestEnd = 6;
    private const int MostCandidates = 5;

    /// <summary>Ends are looked for among so many of the newest runs: no index leads to them.</summary>
    private const int MostLookedAt = 50_000;

    internal static async Task<FlowRunRecord> FindAsync(this Session session, string text)
    {
        var store = session.Store;
        var given = text.Trim().ToLowerInvariant();
        if (RunId.TryParse(given, out var id))
        {
            return await store.GetFlowRunAsync(id, session.CancellationToken).ConfigureAwait(false)
                ?? throw new CommandException($"There is no run {id} in the store ({store.Description}). 'fletcher runs' lists those that there are.");
        }

        if (given.Length is 0 or > Length || !RunId.TryParse(given.PadRight(Length, '0'), out _) && !RunId.TryParse(given.PadLeft(Length, '0'), out _))
            throw new CommandException($"'{text}' is no run's id: it has 26 letters and digits, of which the first or the last few are enough. 'fletcher runs' lists the runs.", ExitCode.Usage);

        var found = await BeginningAsync(session, given).ConfigureAwait(false);
        if (found.Count == 0 && given.Length >= ShortestEnd)
            found = await EndingAsync(session, given).ConfigureAwait(false);
        return found.Count switch
        {
            1 => found[0],
            0 => throw new CommandException($"No run's id begins{(given.Length >= ShortestEnd ? " or ends" : "")} with '{given}' in the store ({store.Description}). 'fletcher runs' lists those that there are."),
            _ => throw new CommandException(Ambiguous(given, found, session.Time.GetUtcNow())),
        };
    }

    private static string Ambiguous(string given, List<FlowRunRecord> found, DateTimeOffset now)
    {
        var names = found.Take(MostCandidates).Select(run => $"{run.Id} ({run.Flow}, {run.State}, {Ago.Of(run.CreatedAt, now)})");
        return $"'{given}' fits more than one run: {string.Join(", ", names)}{(found.Count > MostCandidates ? " and more" : "")}. Give more of the id.";
    }

    private static async Task<List<FlowRunRecord>> BeginningAsync(Session session, string given)
    {
        if (!RunId.TryParse(given.PadRight(Length, '0'), out var first) || !RunId.TryParse(given.PadRight(Length, 'z'), out var last))
            return [];
        var page = await session.Store.GetFlowRunsAsync(new FlowRunQuery { Before = last, Limit = MostCandidates + 1 }, session.CancellationToken).ConfigureAwait(false);
        return [.. page.Where(run => run.Id >= first)];
    }

    private static async Task<List<FlowRunRecord>> EndingAsync(Session session, string given)
    {
        List<FlowRunRecord> found = [];
        var query = new FlowRunQuery { Limit = 1000 };
        for (var looked = 0; looked < MostLookedAt;)
        {
            var page = await session.Store.GetFlowRunsAsync(query, session.CancellationToken).ConfigureAwait(false);
            found.AddRange(page.Where(run => run.Id.ToString().EndsWith(given, StringComparison.Ordinal)));
            if (page.Count < query.Limit || found.Count > MostCandidates)
                break;
            looked += page.Count;
            query = query with { Before = page[^1].Id };
        }

        return found;
    }
}
