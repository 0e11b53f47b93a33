using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>
/// Inside <c>Flow.Start</c>: the flow that is called here becomes a run of its own, and the lambda gets its task. That it was
/// started is remembered by the run that starts it, so a re-execution finds the same run.
/// </summary>
internal sealed class StartScope(FletcherHost host, Scope? caller) : Ambient
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _calls;

    /// <summary>The run that was started; default while none was.</summary>
    internal RunId Started { get; private set; }

    /// <summary>Completes when <see cref="Started"/> is known.</summary>
    internal Task WhenStarted => _started.Task;

    internal async ValueTask<T> StartAsync<T>(Call<T> call)
    {
        if (call.Definition is not FlowDefinition flow)
        {
            return await call.InvokeAsync(call.CallerToken).ConfigureAwait(false);
        }

        if (Interlocked.Exchange(ref _calls, 1) != 0)
        {
            throw new FletcherUsageException(
                "FLT1209", $"Flow.Start was given code that calls a second flow ('{call.Definition.Id}'). Start each with a Flow.Start of its own.");
        }

        await host.OpenAsync(call.CallerToken).ConfigureAwait(false);
        host.Isolated.Check(flow, default);
        if (caller is null)
            return await new FlowStarter<T>(host, call) { Decided = SetStarted }.RunAsync().ConfigureAwait(false);

        var starter = new FlowStarter<T>(host, call);
        var step = new StartStep<T>(caller, call);
        await step.ExecuteAsync().ConfigureAwait(false);
        SetStarted(RunId.Parse(step.Result, null));
        if (step.Fresh is { } record)
            return await starter.ExecuteAsync(record, caller.Seen, false, false).ConfigureAwait(false);
        var existing = await host.Store.GetFlowRunAsync(Started, call.CallerToken).ConfigureAwait(false)
            ?? throw new FletcherUsageException("FLT1401", $"Flow run {Started} was started here and is not in the store any more ({host.Store.Description}).");
        return await starter.ContinueAsync(existing, "the flow that started it was resumed").ConfigureAwait(false);
    }

    private void SetStarted(RunId run)
    {
        Started = run;
        _started.SetResult();
    }
}

/// <summary>The step run that remembers which run was started.</summary>
internal sealed class StartStep<TFlow>(Scope caller, Call<TFlow> call) : StepExecution<string>(caller, new StartCall<TFlow>(call))
{
    protected override byte Kind => 1;

    /// <summary>The new run's record; null when the run was started by an earlier execution.</summary>
    internal FlowRunRecord? Fresh { get; private set; }

    protected override RunId? ChildRunId => Fresh?.Id;

    protected override async ValueTask RunAttemptsAsync()
    {
        _startedAt = Run.Host.Now;
        Attempt = 1;
        var fresh = NewRun.Of(Run.Host, call, RunId.New(Run.Host.Time)) with { ParentRunId = Run.Id, ParentSequence = Sequence };
        var existing = fresh.OnceKey is null ? null : await new FlowStarter<TFlow>(Run.Host, call).CreateOnceAsync(fresh).ConfigureAwait(false);
        if (existing is null)
        {
            Fresh = fresh;
            if (fresh.OnceKey is null)
            {
                Run.Host.TryOwn(fresh.Id);
                Run.Host.Writer.Add(fresh, new Lease(fresh));
            }
        }

        Result = (existing ?? fresh).Id.ToString();
        Commit(Record(StepRunState.Completed, _startedAt, EncodeResult()));

        // The caller may go on with the run's id, so it must be there.
        await Run.CommitAsync(Caller.Seen).ConfigureAwait(false);
    }
}

/// <summary>Stands for the call of a flow where only its inputs are wanted.</summary>
internal sealed class StartCall<TFlow>(Call<TFlow> call) : Call<string>(call.Definition, call.Site)
{
    protected internal override void WriteInputs(InputWriter inputs) => call.WriteInputs(inputs);

    protected internal override string? RenderName() => call.RenderName();

    protected internal override ValueTask<string> InvokeAsync(CancellationToken cancellationToken) => new("");
}
