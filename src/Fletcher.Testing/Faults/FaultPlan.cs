using Fletcher.Engine;
using Fletcher.Model;

namespace Fletcher.Testing;

/// <summary>What a test makes go wrong, over all processes of its host.</summary>
internal sealed class FaultPlan(FlowTestTime time)
{
    private readonly Lock _gate = new();
    private readonly List<StepFault> _steps = [];
    private readonly List<(FlowFault Handle, DateTimeOffset Until)> _refusals = [];

    internal FlowFault Add(StepFaultKind kind, StepMatch match, int? times, Func<Exception>? error)
    {
        var handle = new FlowFault($"{Says(kind)} {match}", Remove);
        lock (_gate)
            _steps.Add(new StepFault(kind, match, handle, times, error));
        return handle;
    }

    /// <summary>From now on until the time, or until it is disposed of, the store takes no writes.</summary>
    internal FlowFault Refuse(TimeSpan? duration)
    {
        var until = duration is { } limited ? time.GetUtcNow() + limited : DateTimeOffset.MaxValue;
        var handle = new FlowFault("the store refuses writes", Remove);
        lock (_gate)
            _refusals.Add((handle, until));
        return handle;
    }

    /// <summary>Tells all faults of an attempt that is about to begin.</summary>
    internal void See(StepExecution step)
    {
        foreach (var fault in Steps())
            fault.Match.Sees(step);
    }

    /// <summary>The fault of one of these kinds that strikes this attempt now; null when none does.</summary>
    internal StepFault? Strike(RunId run, int sequence, int attempt, params ReadOnlySpan<StepFaultKind> kinds)
    {
        foreach (var fault in Steps())
        {
            if (kinds.Contains(fault.Kind) && !fault.IsSpent && fault.Match.Meant(run, sequence, attempt))
            {
                fault.Handle.Strike();
                return fault;
            }
        }

        return null;
    }

    /// <exception cref="StoreUnavailableException">The store refuses writes.</exception>
    internal void ThrowIfRefused()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_refusals.FindIndex(refusal => now < refusal.Until) is var found and >= 0)
                _refusals[found].Handle.Strike();
            else
                return;
        }

        throw new StoreUnavailableException("FLT1101", "the test makes the store refuse writes");
    }

    /// <summary>Lets nothing go wrong any more.</summary>
    internal void Clear()
    {
        lock (_gate)
        {
            _steps.Clear();
            _refusals.Clear();
        }
    }

    private StepFault[] Steps()
    {
        lock (_gate)
            return [.. _steps];
    }

    private void Remove(FlowFault handle)
    {
        lock (_gate)
        {
            _steps.RemoveAll(fault => fault.Handle == handle);
            _refusals.RemoveAll(refusal => refusal.Handle == handle);
        }
    }

    private static string Says(StepFaultKind kind) => kind switch
    {
        StepFaultKind.Fails => "an exception in",
        StepFaultKind.TimesOut => "a time-out of",
        StepFaultKind.IsCancelled => "a cancellation in",
        StepFaultKind.CrashesBefore => "a crash before",
        StepFaultKind.CrashesInside => "a crash inside",
        _ => "a crash after the commit of",
    };
}
