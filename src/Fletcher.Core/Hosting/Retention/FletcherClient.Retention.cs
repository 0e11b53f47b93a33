using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>Letting go of runs.</summary>
public sealed partial class FletcherClient
{
    /// <summary>
    /// Lets go of runs that are over and need not be kept any longer, with all that belongs to them. Hosts do it by themselves (<see cref="FletcherOptions.Retention"/>); this does it now, or says what it
    /// would do. It takes small transactions, so hosts go on meanwhile; a run that something needs stays.
    /// </summary>
    /// <param name="options">Which runs. Default: those that hosts would let go.</param>
    /// <param name="cancellationToken">Ends it between two transactions; what is let go stays so.</param>
    /// <exception cref="FletcherUsageException">
    /// An option is out of its range (FLT1420); the store has no runs of that flow (FLT1421); it keeps all (FLT1422), or is compacted with the tools of its database.
    /// </exception>
    public async Task<PruneResult> PruneAsync(PruneOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new PruneOptions();
        if (RetentionPolicy.Everything.With(options).FindProblem() is { } problem)
            throw new FletcherUsageException("FLT1420", $"What is asked for cannot be pruned: {problem}.");
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        var store = _store.Retention
            ?? throw new FletcherUsageException("FLT1422", $"The store ({_store.Description}) keeps all runs: it cannot let go of any.");
        if (options.Flow is { } flow && !(await store.GetPoliciesAsync(cancellationToken).ConfigureAwait(false)).ContainsKey(flow))
            throw new FletcherUsageException("FLT1421", $"The store ({_store.Description}) has no runs of flow '{flow}'. 'fletcher flows' and 'fletcher runs' list names.");
        return await new Pruner(store, _time).RunAsync(options, _host?.Retention ?? new RetentionOptions(), cancellationToken).ConfigureAwait(false);
    }
}
