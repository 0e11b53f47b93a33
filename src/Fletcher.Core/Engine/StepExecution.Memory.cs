using Fletcher.Diagnosis;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine;

internal abstract partial class StepExecution
{
    /// <summary>Whether it must never take effect twice.</summary>
    protected virtual bool IsAtMostOnce => false;

    /// <summary>What to do when it is called from the same place with other inputs.</summary>
    protected virtual OnDrift OnDrift => OnDrift.Rerun;

    /// <summary>When its next attempt is due, from the record of an earlier execution.</summary>
    private protected DateTimeOffset? DueAt { get; private set; }

    /// <summary>Whether a stored result answers the call.</summary>
    private protected virtual bool IsReusable => true;

    /// <summary>Answers from what earlier executions left; false when the code has to run.</summary>
    private protected virtual ValueTask<bool> RecallAsync() => Caller.Memory is { } memory ? RememberAsync(memory) : new(false);

    /// <summary>
    /// Looks into what earlier executions of the flow left. True when that answers the call; false when the code has to run,
    /// as a continuation of its record if there is one.
    /// </summary>
    private async ValueTask<bool> RememberAsync(RunMemory memory)
    {
        var record = memory.Take(_key);
        if (record is null)
        {
            if (await FindDriftedAsync(memory).ConfigureAwait(false) is not { } drifted || !Drift(drifted))
                return false;
            record = memory.Take(drifted.Key) ?? drifted;
            _key = record.Key;
        }

        // What an earlier attempt of the enclosing step left is in the run's own memory too, and is reached there as well.
        if (!ReferenceEquals(memory, Run.Memory))
            Run.Memory?.Take(record.Key);
        Sequence = record.Sequence;
        if (record.State.HasResult() && IsReusable)
            return await ReuseAsync(record).ConfigureAwait(false);
        Continue(record);
        return false;
    }

    /// <summary>What was called from here with other inputs, and is not merely called later in this execution.</summary>
    private async ValueTask<StepRunRecord?> FindDriftedAsync(RunMemory memory)
    {
        while (memory.FindDrifted(_site, Id) is { } found)
        {
            // To run it is right either way.
            if (OnDrift == OnDrift.Rerun)
                return found;
            if (await Run.SettlesAsync(this).ConfigureAwait(false))
                return memory.FindDrifted(_site, Id);
        }

        return null;
    }

    private async ValueTask<bool> ReuseAsync(StepRunRecord record)
    {
        if (IsGone(record, out var why))
        {
            Ledger(record.State.ToString(), StepRunState.Running, why);
            return false;
        }

        if (record.Result is { } stored)
        {
            var content = stored.Content ?? await Run.Host.Store.ReadValueAsync(stored, Caller.Token).ConfigureAwait(false);
            DecodeResult(stored, content);
        }

        OnReuse(record);
        Tell(record with { State = StepRunState.Reused });
        return true;
    }

    /// <summary>Told of the record that answers, after its result was read.</summary>
    protected virtual void OnReuse(StepRunRecord record)
    {
    }

    /// <summary>Whether the result cannot be used although it is stored.</summary>
    protected virtual bool IsGone(StepRunRecord record, out string why)
    {
        why = "";
        return false;
    }

    /// <summary>Goes on with a step run that has no result.</summary>
    private protected void Continue(StepRunRecord record)
    {
        OnContinue(record);
        _startedAt = record.StartedAt;
        _isContinued = !record.State.IsEnd();
        switch (record.State)
        {
            case StepRunState.Retrying:
                // The attempts made count, and so does the time waited.
                Attempt = record.Attempt;
                DueAt = record.NextAttemptAt;
                break;
            case StepRunState.Waiting:
                // Until when it waits was decided when it began; and the attempts count that it made before it waited for a limit.
                Attempt = record.Attempt;
                DueAt = record.NextAttemptAt;
                break;
            case StepRunState.Unknown:
                Tell(record);
                throw Unknown(record.Reason ?? "its process went away inside it");
            case StepRunState.Running or StepRunState.Crashed when IsAtMostOnce || record.AtMostOnce:
                Attempt = record.Attempt;
                var reason = $"its process went away during attempt {record.Attempt}, so whether it took effect is not known";
                Commit(Record(StepRunState.Unknown) with { Reason = reason, EndedAt = Run.Host.Now });
                Ledger(record.State.ToString(), StepRunState.Unknown, reason, "somebody must find out and say what happened");
                throw Unknown(reason);
            case StepRunState.Running or StepRunState.Crashed:
                // The attempt did not fail: it is made again, and the error budget is not touched.
                Attempt = record.Attempt - 1;
                Ledger(record.State.ToString(), StepRunState.Running, "its process went away inside it; it runs again");
                break;
            case StepRunState.Failed or StepRunState.Cancelled when IsAtMostOnce && record.Attempt > 0 && !Run.IsAskedFor:
                Tell(record);
                var how = record.State == StepRunState.Failed
                    ? $"failed before ({record.Error?.Type}: {record.Error?.Message})"
                    : $"was stopped in its middle before ({record.Reason ?? "cancelled"})";
                throw new StepFailedException(
                    $"'{Id}' {how} and must run at most once; it is only tried again when somebody asks for it (FLETCHER_RETRY).");
            default:
                _startedAt = null; // a new budget of attempts
                break;
        }
    }

    /// <summary>Told of the record that is continued.</summary>
    protected virtual void OnContinue(StepRunRecord record)
    {
    }

    private StepUnknownException Unknown(string reason) =>
        new($"Whether '{Id}' took effect is not known: {reason}. It runs at most once, so it is not run again by itself.");

    /// <summary>The call was made before with other inputs. True when the earlier result is to be used.</summary>
    private bool Drift(StepRunRecord before)
    {
        if (!before.State.IsEnd() && before.State != StepRunState.Running && before.State != StepRunState.Retrying)
            return false;

        var change = ChangeSince(before);
        switch (OnDrift)
        {
            case OnDrift.Reuse when before.State.HasResult():
                Sequence = before.Sequence;
                Ledger(before.State.ToString(), StepRunState.Reused, $"its inputs changed ({change}), and OnDrift says to use the earlier result");
                return true;
            // Without a result there is nothing to use, and what must run at most once must not run again for it.
            case OnDrift.Reuse when IsAtMostOnce || before.AtMostOnce:
            case OnDrift.Stop:
                throw new StepDriftException(
                    $"'{Id}' ran before with other inputs ({change}; step run {before.Sequence}, {before.State}) and must not run again "
                    + "for that. Make the inputs the same (Flow.Now and Flow.NewGuid() are remembered), or set OnDrift to Rerun or Reuse.");
            default:
                Sequence = Run.NextSequence();
                Ledger(null, StepRunState.Running, $"its inputs changed since step run {before.Sequence}: {change}");
                return false;
        }
    }

    private string ChangeSince(StepRunRecord before)
    {
        var differences = InputDiff.Compare(before.Inputs, _inputs);
        return differences.Count == 0
            ? "the same text, other content"
            : string.Join(", ", differences.Select(d => $"{d.Name} from {d.Before ?? "nothing"} to {d.After ?? "nothing"}"));
    }
}
