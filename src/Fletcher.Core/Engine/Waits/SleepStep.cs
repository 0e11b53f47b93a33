using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>Waits for a time.</summary>
internal sealed class SleepStep(Scope caller, WaitCall<Nothing> call, TimeSpan? length, DateTimeOffset? until)
    : WaitStep<Nothing>(caller, call)
{
    internal override string WaitsFor => $"sleeps until {Deadline:yyyy-MM-dd HH:mm:ss}Z";

    // Equal sleeps in the items of a fan-out began at different times.
    protected override bool IsPositional => true;

    protected override async ValueTask RunAttemptsAsync()
    {
        var isNew = _startedAt is null;
        Begin(length ?? Left());
        if (Deadline > Run.Host.Now)
        {
            if (isNew)
                Commit(Waiting());
            await RestAsync(null, Deadline).ConfigureAwait(false);
        }

        Commit(Record(StepRunState.Completed, Run.Host.Now));
    }

    private protected override Task BeginAsync(DateTimeOffset due, TimeProvider time, CancellationToken cancellationToken) =>
        until is null ? base.BeginAsync(due, time, cancellationToken) : Wait.UntilShownAsync(due, time, cancellationToken);

    private TimeSpan Left() => until!.Value - Run.Host.Now is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
