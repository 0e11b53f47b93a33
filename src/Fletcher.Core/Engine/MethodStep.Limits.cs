using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>
/// The place under a limit that each attempt takes: after memory and caches have had their chance to answer, and given back when the attempt's code has ended, so that
/// neither what was remembered nor the wait for a retry keeps anybody else from starting.
/// </summary>
internal partial class MethodStep<T>
{
    private bool _hasWaited;

    private async ValueTask AcquireAsync(DateTimeOffset deadline)
    {
        // A place belongs to the run's record, which those without an effect need not have waited for.
        if (HasNoEffect)
            await Run.CommitAsync(Caller.Seen).ConfigureAwait(false);
        using var linked = LinkCallerToken();
        var token = linked?.Token ?? Caller.Token;
        while (true)
        {
            try
            {
                Hold = await LimitUse.AcquireAsync(Run, Call, Caller, Sequence, NoteWait, deadline, token).ConfigureAwait(false)
                    ?? throw new StepTimeoutException($"'{Id}' took longer than its TotalTimeout of {_step.TotalTimeout} while it waited for limit '{_step.Limit}'.");
            }
            finally
            {
                Run.NoteLimitWait(this, null);
            }

            // Who must not start now does not keep others from starting.
            var pass = Run.PassGateAsync(this);
            if (pass.IsCompletedSuccessfully)
                return;
            ReleaseHold(LimitEnd.Unknown);
            await pass.ConfigureAwait(false);
        }
    }

    private void NoteWait(string reason)
    {
        _hasWaited = true;
        Run.NoteLimitWait(this, reason);
        Keep(Record(StepRunState.Waiting) with { Reason = reason });
    }

    /// <summary>The attempt has begun; when the store shows that it waits, it is told that it does not any more.</summary>
    private void NoteStart()
    {
        if (!_hasWaited)
            return;
        _hasWaited = false;
        Run.Write(Mark());
    }

    /// <summary>Gives the place back because the attempt has failed. Always true, for a filter.</summary>
    private bool HasEnded(Exception error)
    {
        if (Hold is not null)
            ReleaseHold(error is OperationCanceledException && IsStopped ? LimitEnd.Unknown : LimitEnd.Failed, error);
        return true;
    }

    private void ReleaseHold(LimitEnd end, Exception? error = null)
    {
        Hold?.Release(end, end == LimitEnd.Failed ? Run.Host.KindOf(error!) : null);
        Hold = null;
    }
}
