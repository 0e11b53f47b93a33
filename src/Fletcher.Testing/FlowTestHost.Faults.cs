namespace Fletcher.Testing;

public sealed partial class FlowTestHost
{
    /// <summary>Lets a step fail: its code does not run, and the attempt ends with the exception.</summary>
    /// <param name="step">
    /// The step: its method's name (<c>SendInvoice</c>), its stable name (<c>Billing.SendInvoice</c>), or the name of one of its runs
    /// (<c>mail JFK</c>).
    /// </param>
    /// <param name="error">Makes the exception, a new one for each failure.</param>
    /// <param name="attempt">Which attempt of a step run, from 1. Default: each.</param>
    /// <param name="call">Which of the calls that match, from 1, in the order in which they begin. Default: each.</param>
    /// <param name="inputs">Says whether a call with these inputs is meant. Default: all are.</param>
    /// <param name="times">How often it strikes at the most, in all. Default: no limit.</param>
    public FlowFault Fail(
        string step, Func<Exception> error, int? attempt = null, int? call = null, Func<StepInputs, bool>? inputs = null, int? times = null)
    {
        ArgumentNullException.ThrowIfNull(error);
        return Add(StepFaultKind.Fails, step, attempt, call, inputs, times, error);
    }

    /// <summary>Lets a step's time be up: its code does not run, and the attempt ends with a <see cref="StepTimeoutException"/>.</summary>
    /// <inheritdoc cref="Fail" path="/param[not(@name='error')]"/>
    public FlowFault TimeOut(
        string step, int? attempt = null, int? call = null, Func<StepInputs, bool>? inputs = null, int? times = null) =>
        Add(StepFaultKind.TimesOut, step, attempt, call, inputs, times);

    /// <summary>Asks the flow run to stop, once, when a step begins: its code runs with a token that is cancelled, and the run ends cancelled.</summary>
    /// <inheritdoc cref="Fail" path="/param[not(@name='error') and not(@name='times')]"/>
    public FlowFault Cancel(string step, int? attempt = null, int? call = null, Func<StepInputs, bool>? inputs = null) =>
        Add(StepFaultKind.IsCancelled, step, attempt, call, inputs, 1);

    /// <summary>Lets the process die, once, before a step begins: nothing says that it was about to.</summary>
    /// <inheritdoc cref="Fail" path="/param[not(@name='error') and not(@name='times')]"/>
    public FlowFault CrashBefore(string step, int? attempt = null, int? call = null, Func<StepInputs, bool>? inputs = null) =>
        Add(StepFaultKind.CrashesBefore, step, attempt, call, inputs, 1);

    /// <summary>Lets the process die, once, inside a step: its code has run to its end, and nothing says so.</summary>
    /// <inheritdoc cref="Fail" path="/param[not(@name='error') and not(@name='times')]"/>
    public FlowFault CrashInside(string step, int? attempt = null, int? call = null, Func<StepInputs, bool>? inputs = null) =>
        Add(StepFaultKind.CrashesInside, step, attempt, call, inputs, 1);

    /// <summary>Lets the process die, once, right after the end of a step is committed. What the flow did meanwhile without an effect is lost.</summary>
    /// <inheritdoc cref="Fail" path="/param[not(@name='error') and not(@name='times')]"/>
    public FlowFault CrashAfterCommit(string step, int? attempt = null, int? call = null, Func<StepInputs, bool>? inputs = null) =>
        Add(StepFaultKind.CrashesAfterCommit, step, attempt, call, inputs, 1);

    /// <summary>Lets the process die now. What its steps have begun runs to its end, and nothing of it arrives in the store.</summary>
    /// <returns>When none of its code runs any more.</returns>
    public Task CrashAsync()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _process.Crash.Say("the test said so");
        _process.Die();
        return _process.BuryAsync();
    }

    /// <summary>Makes the store refuse all writes, with <see cref="StoreUnavailableException"/>. It can be read.</summary>
    /// <param name="duration">For how long, in the time of <see cref="Time"/>. Default: until it is disposed of.</param>
    public FlowFault StoreRefusesWrites(TimeSpan? duration = null)
    {
        if (duration is { } given)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(given, TimeSpan.Zero, nameof(duration));
        return _faults.Refuse(duration);
    }

    private FlowFault Add(
        StepFaultKind kind, string step, int? attempt, int? call, Func<StepInputs, bool>? inputs, int? times, Func<Exception>? error = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(step);
        if (attempt is { } wantedAttempt)
            ArgumentOutOfRangeException.ThrowIfLessThan(wantedAttempt, 1, nameof(attempt));
        if (call is { } wantedCall)
            ArgumentOutOfRangeException.ThrowIfLessThan(wantedCall, 1, nameof(call));
        if (times is { } wantedTimes)
            ArgumentOutOfRangeException.ThrowIfLessThan(wantedTimes, 1, nameof(times));
        return _faults.Add(kind, new StepMatch(step, attempt, call, inputs), times, error);
    }
}
