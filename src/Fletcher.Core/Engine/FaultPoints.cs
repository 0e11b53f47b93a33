namespace Fletcher.Engine;

/// <summary>
/// The places at which Fletcher.Testing steps in: it counts what runs, lets steps fail, and lets the process "die". A host has
/// none unless a test gave it one, and then asks for nothing but a comparison with null.
/// </summary>
internal abstract class FaultPoints
{
    /// <summary>Runs a flow run until it ends or the host leaves it.</summary>
    internal abstract ValueTask<Departure> RunAsync(FlowExecution run, Func<ValueTask<Departure>> execute);

    /// <summary>Runs a step run from the call to what its caller gets.</summary>
    internal abstract ValueTask StepAsync(StepExecution step, Func<ValueTask> execute);

    /// <summary>An attempt is about to begin; nothing says so yet.</summary>
    internal abstract ValueTask BeforeAttemptAsync(StepExecution step);

    /// <summary>Runs the step's code; its end is not recorded yet.</summary>
    internal abstract ValueTask AttemptAsync(StepExecution step, Func<CancellationToken, ValueTask> body, CancellationToken cancellationToken);
}
