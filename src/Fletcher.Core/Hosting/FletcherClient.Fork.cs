using System.Text.Json;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

public sealed partial class FletcherClient
{
    /// <summary>
    /// Makes a new run of the flow that starts with the memory of another one: with the results of all step runs that completed, or of those before a
    /// chosen one. Parameters can be changed, and the result of one step run; what depended on those runs in the fork. A host that has
    /// the flow takes the new run, or a program that calls the flow with its parameters.
    /// </summary>
    /// <remarks>
    /// At-most-once steps that are copied count as done. Those that are not copied run in the fork, as in any new run: <see cref="PlanForkAsync"/>
    /// names those that took effect in the source before. One that is copied, and is called with other inputs because a parameter or a result was
    /// changed, stops the fork (FLT1303), unless its <see cref="StepAttribute.OnDrift"/> says otherwise. The fork has no <c>Once</c> key. It needs nothing of the source.
    /// </remarks>
    /// <param name="run">The source; open or ended.</param>
    /// <param name="options">Where the memory ends, and what is changed. Default: everything is copied and nothing is changed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The new run.</returns>
    /// <exception cref="FletcherUsageException">
    /// There is no such run or step run; a parameter does not exist, is of another type, or cannot be written as JSON; or the given result is of a step run behind the end of the memory.
    /// </exception>
    public async Task<RunId> ForkAsync(RunId run, ForkOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ForkOptions();
        var (source, fork) = await ReadForkAsync(run, options, cancellationToken).ConfigureAwait(false);
        var (parameters, hash) = ChangeParameters(source.Run, options);
        var id = RunId.New(_time);
        var now = _time.GetUtcNow();
        var why = Wording.Say($"forked from run {run} by {Actor}", options.Reason);
        var batch = new WriteBatch();
        batch.FlowRuns.Add(new FlowRunRecord
        {
            Id = id,
            Flow = source.Run.Flow,
            Name = source.Run.Name,
            State = FlowRunState.Queued,
            Reason = why,
            Parameters = parameters,
            ParametersHash = hash,
            RootRunId = id,
            Attempt = 0,
            CreatedAt = now,
            WakeAt = now,
            ForkedFrom = run,
            Fence = 1,
            CodeVersion = source.Run.CodeVersion,
            Tags = source.Run.Tags,
            Priority = source.Run.Priority,
            Queue = source.Run.Queue,
            Labels = source.Run.Labels,
            FairnessKey = source.Run.FairnessKey,
        });
        batch.StepRuns.AddRange(fork.CopyTo(id, Actor));
        batch.Ledger.Add(new LedgerEntry { RunId = id, At = now, To = nameof(FlowRunState.Queued), Actor = Actor, Reason = why });
        batch.Messages.Add(New(id, MessageKind.Retry, options.Reason));
        await _store.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        _host?.Loop.Poke();
        return id;
    }

    /// <summary>Tells what <see cref="ForkAsync"/> would copy and what would run. Changes nothing.</summary>
    /// <inheritdoc cref="ForkAsync"/>
    /// <returns>What is copied (reused) and what runs.</returns>
    public async Task<RunPlan> PlanForkAsync(RunId run, ForkOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ForkOptions();
        var (source, fork) = await ReadForkAsync(run, options, cancellationToken).ConfigureAwait(false);
        ChangeParameters(source.Run, options);
        return await fork.PlanAsync(_store, PlanOf(source.Run.Flow), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<(RunHistory Source, Fork Fork)> ReadForkAsync(RunId run, ForkOptions options, CancellationToken cancellationToken)
    {
        var source = await RunHistory.ReadAsync(_store, await FindAsync(run, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        return (source, new Fork(source, options, _json));
    }

    private (byte[] Parameters, ContentHash Hash) ChangeParameters(FlowRunRecord source, ForkOptions options)
    {
        if (options.Parameters.Count == 0)
            return (source.Parameters, source.ParametersHash);
        var flow = _host?.FindFlow(source.Flow);
        var changed = ChangedParameters.Merge(
            source, flow?.ParameterSchema, options.Parameters.ToDictionary(given => given.Key, given => given.Value.ToJson(_json, $"parameter '{given.Key}'")));
        return (flow?.Bind is null ? null : _host!.Record(flow, changed)) ?? (changed, ChangedParameters.Hash(source.Flow, changed));
    }
}
