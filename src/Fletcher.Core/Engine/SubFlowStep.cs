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

    protected override RunId? ChildRunId => _child;

    /// <summary>The steps inside wait for what they could have seen; calling a flow has no effect of its own.</summary>
    protected override bool HasNoEffect => true;

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
        Commit(Record(StepRunState.Completed, Run.Host.Now, EncodeResult()));
    }

    private async ValueTask RunAsync(FlowRunRecord child)
    {
        if (child.State == FlowRunState.Completed)
        {
            // The process went away between the end of the flow and the record of it here.
            if (child.Result is { } stored)
                DecodeResult(stored, stored.Content ?? await Run.Host.Store.ReadValueAsync(stored, Run.Token).ConfigureAwait(false));
            return;
        }

        var execution = new FlowExecution<T>(Run.Host, _call, child, Run) { IsAskedFor = Run.IsAskedFor };
        var seen = Run.Host.Writer.Add(batch =>
        {
            batch.FlowRuns.Add(child);
            batch.StepRuns.Add(Record(StepRunState.Running));
        });
        Tell(Record(StepRunState.Running));
        await execution.RunAsync(Math.Max(seen, Caller.Seen), _resumes).ConfigureAwait(false);
        Result = execution.Result;
    }

    /// <summary>Runs it unless it is done or under way: then it answers with the result of that run, whoever started it.</summary>
    private async ValueTask RunOnceAsync(string key)
    {
        var starter = new FlowStarter<T>(Run.Host, _call, Run)
        {
            Seen = Caller.Seen,
            Decided = run =>
            {
                _child = run;
                Caller.Saw(Run.Host.Writer.Add(Record(StepRunState.Running)));
                Tell(Record(StepRunState.Running));
            },
        };
        Result = await starter.RunOnceAsync(NewChild(RunId.New(Run.Host.Time)), key).ConfigureAwait(false);
    }

    private async ValueTask<FlowRunRecord> OpenAsync()
    {
        var existing = _child is { } id
            ? await Run.Host.Store.GetFlowRunAsync(id, Run.Token).ConfigureAwait(false)
            : null;
        if (existing is { State: FlowRunState.Completed })
            return existing;
        if (existing is not null)
        {
            return existing with
            {
                State = FlowRunState.Running,
                Attempt = existing.Attempt + 1,
                HostId = Run.Host.Id,
                Fence = existing.Fence + 1,
                EndedAt = null,
                Error = null,
                Reason = null,
                CodeVersion = Run.Host.CodeVersion,
                Failures = existing.State.IsEnd() ? 0 : existing.Failures,
                NextAttemptAt = existing.State.IsEnd() ? null : existing.NextAttemptAt,
            };
        }

        _child ??= RunId.New(Run.Host.Time);
        _resumes = false;
        return NewChild(_child.Value);
    }

    private FlowRunRecord NewChild(RunId id) => NewRun.Of(Run.Host, _call, id) with
    {
        ParentRunId = Run.Id,
        ParentSequence = Sequence,
        RootRunId = Run.Record.RootRunId,
    };
}
