using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>
/// A wait in a flow's body. It is kept like a step run: when it began and when it is over at the latest are stored, so
/// neither a crash nor parking the run begins it anew. While nothing else goes on, its run may be dropped from memory.
/// </summary>
internal abstract class WaitStep<T>(Scope caller, WaitCall<T> call) : StepExecution<T>(caller, call)
{
    private DateTimeOffset? _restsUntil;

    internal override DateTimeOffset? RestsUntil => _restsUntil;

    // What comes after it waits itself for what it has seen.
    protected override bool HasNoEffect => true;

    /// <summary>When the wait is over by itself; null when it never is.</summary>
    private protected DateTimeOffset? Deadline { get; private set; }

    /// <summary>Begins the wait, or goes on with it.</summary>
    /// <param name="limit">How long it lasts at the most; null for no limit.</param>
    private protected void Begin(TimeSpan? limit)
    {
        Attempt = 1;
        if (_startedAt is not null)
        {
            Deadline = DueAt; // it began in an earlier execution
            return;
        }

        _startedAt = Run.Host.Now;
        Deadline = limit is { } length ? Wait.After(_startedAt.Value, length) : null;
    }

    /// <summary>The record of the wait while it lasts.</summary>
    private protected StepRunRecord Waiting() => Record(StepRunState.Waiting) with { NextAttemptAt = Deadline };

    /// <summary>Waits until the task has come to its end, or the time has come. Never returns when the run is left meanwhile.</summary>
    private protected ValueTask RestAsync(Task? task, DateTimeOffset? until)
    {
        _restsUntil = until;
        Run.SetResting(this, true); // it is marked as waiting, and must not be marked as running
        return Run.RestAsync(this, token => WaitAsync(task, until, token), Caller.Token);
    }

    /// <summary>Waits for the time at which the wait is over by itself.</summary>
    private protected virtual Task BeginAsync(DateTimeOffset due, TimeProvider time, CancellationToken cancellationToken) =>
        Wait.UntilAsync(due, time, cancellationToken);

    private async Task WaitAsync(Task? task, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var time = until is { } due
            ? BeginAsync(due, Run.Host.Time, either.Token)
            : Wait.ForeverAsync(Run.Host.Time, either.Token);
        await (task is null ? time : Task.WhenAny(task, time)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        await either.CancelAsync().ConfigureAwait(false);
    }
}
