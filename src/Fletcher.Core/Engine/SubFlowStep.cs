using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>
/// A flow called inside a flow: a step run in the caller that stands for a run of its own. The two share the host's claim;
/// what the flow did is remembered in its own run.
/// </summary>
internal sealed class SubFlowStep<T>(Scope caller, Call<T> call) : StepExecution<T>(caller, call)
{
    private readonly Call<T> _call = call;
    private RunId? _child;
    private bool _resumes;
    private bool _isTriedAnew;
    private bool _isShared;
    private FlowExecution? _inside;
    private IReadOnlyList<PendingUndo> _undos = [];

    internal override FlowExecution? Inside => _inside;

    internal override bool IsAroundFlow => !_isShared;

    protected override RunId? ChildRunId => _child;

    /// <summary>The steps inside wait for what they could have seen; calling a flow has no effect of its own.</summary>
    protected override bool HasNoEffect => true;

    protected override bool GoesOnToStop => _resumes;

    protected override void OnContinue(StepRunRecord record)
    {
        _child = record.ChildRunId;
        _resumes = _child is not null;
    }

    protected override async ValueTask RunAttemptsAsync()
    {
        _startedAt ??= Run.Host.Now;
        BeginAttempt();
        if (Call.RenderOnce() is { } key)
            await RunOnceAsync(key).ConfigureAwait(false);
        else
            await RunAsync(await OpenAsync().ConfigureAwait(false)).ConfigureAwait(false);
        var record = Record(StepRunState.Completed, Run.Host.Now, EncodeResult());
        Commit(record, _undos.Count == 0 ? null : Run.TakeOver(this, _undos));
    }

    private async ValueTask RunAsync(FlowRunRecord child)
    {
        if (child.State == FlowRunState.Completed)
        {
            // The process went away between the end of the flow and the record of it here.
            if (child.Result is { } stored)
                DecodeResult(stored, stored.Content ?? await Run.Host.Store.ReadValueAsync(stored, Caller.Token).ConfigureAwait(false));
            _undos = (await RunMemory.LoadAsync(Run.Host.Store, child.Id, CancellationToken.None).ConfigureAwait(false)).Undos;
            return;
        }

        var execution = new FlowExecution<T>(Run.Host, _call, child, Run, Caller.Token)
        {
            IsAskedFor = Run.IsAskedFor,
            IsInTransaction = Run.IsInTransaction || Caller.Transaction is not null,
            Outer = this,
        };
        var failed = _isTriedAnew ? await FailedTransactions.ReadAsync(Run.Host.Store, child.Id).ConfigureAwait(false) : [];
        _inside = execution;
        var seen = Run.Write(batch =>
        {
            batch.FlowRuns.Add(child);
            batch.Leases[child.Id] = Run.Lease.Key;
            batch.StepRuns.Add(Record(StepRunState.Running));
            batch.StepRuns.AddRange(failed);
        });
        if (failed.Count > 0)
            await Run.CommitAsync(seen).ConfigureAwait(false); // what the flow remembers is read from the store
        Tell(Record(StepRunState.Running));
        await execution.RunAsync(Math.Max(seen, Caller.Seen), _resumes).ConfigureAwait(false);
        Result = execution.Result;
        _undos = execution.Undos();
    }

    /// <summary>Runs it unless it is done or under way: then it answers with the result of that run, whoever started it.</summary>
    private async ValueTask RunOnceAsync(string key)
    {
        var starter = new FlowStarter<T>(Run.Host, _call, Run)
        {
            Seen = Caller.Seen,
            Outer = Caller.Token,
            Decided = run =>
            {
                _child = run;
                Caller.Saw(Run.Write(Record(StepRunState.Running)));
                Tell(Record(StepRunState.Running));
            },
        };
        // It is shared by all who call it with this key, so it is no part of this family.
        _isShared = true;
        var id = RunId.New(Run.Host.Time);
        Result = await starter.RunOnceAsync(NewChild(id) with { RootRunId = id }, key).ConfigureAwait(false);
    }

    private async ValueTask<FlowRunRecord> OpenAsync()
    {
        var existing = _child is { } id
            ? await Run.Host.Store.GetFlowRunAsync(id, CancellationToken.None).ConfigureAwait(false)
            : null;
        if (existing is { State: FlowRunState.Completed })
            return existing;
        if (existing is not null)
        {
            _isTriedAnew = HasEnded(existing);
            return existing with
            {
                State = FlowRunState.Running,
                Attempt = existing.Attempt + 1,
                HostId = Run.Host.Id,
                Fence = existing.Fence + 1,
                EndedAt = null,
                Error = existing.IsUndoing ? existing.Error : null,
                Undoing = existing.Undoing is { } undoing && _isTriedAnew ? undoing with { To = FlowRunState.Running } : existing.Undoing,
                Reason = null,
                CodeVersion = Run.Host.CodeVersion,
                WakeAt = null,
                Failures = _isTriedAnew ? 0 : existing.Failures,
                NextAttemptAt = _isTriedAnew ? null : existing.NextAttemptAt,
            };
        }

        _child ??= RunId.New(Run.Host.Time);
        _resumes = false;
        return NewChild(_child.Value);
    }

    // A crash does not give the flow its retries back.
    private static bool HasEnded(FlowRunRecord run) => run.State.IsEnd() && run.State != FlowRunState.Crashed;

    private FlowRunRecord NewChild(RunId id) => NewRun.Of(Run.Host, _call, id) with
    {
        ParentRunId = Run.Id,
        ParentSequence = Sequence,
        RootRunId = Run.Record.RootRunId,
    };
}
