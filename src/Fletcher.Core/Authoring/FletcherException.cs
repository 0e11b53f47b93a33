namespace Fletcher;

/// <summary>The base of the errors that Fletcher itself raises. A step's own exceptions are never wrapped in it.</summary>
public abstract class FletcherException : Exception
{
    /// <summary>Makes one.</summary>
    protected FletcherException(string id, string message, Exception? inner = null)
        : base($"{id}: {message}", inner) => Id = id;

    /// <summary>The error's id, such as <c>FLT1204</c>; docs/diagnostics.md has a section for each.</summary>
    public string Id { get; }
}

/// <summary>Fletcher was used in a way that cannot work: the message says which, where, and what to do.</summary>
public sealed class FletcherUsageException(string id, string message, Exception? inner = null)
    : FletcherException(id, message, inner);

/// <summary>The store cannot be opened, read or written. Nothing that it had accepted before is lost.</summary>
public sealed class StoreUnavailableException(string id, string message, Exception? inner = null)
    : FletcherException(id, message, inner);

/// <summary>Another host has taken over the run, so this one must not go on with it.</summary>
public sealed class RunLostException(string message) : FletcherException("FLT1105", message);

/// <summary>
/// An at-most-once step whose process went away while it ran: whether it took effect is not known, and it will not be
/// run again by itself.
/// </summary>
public sealed class StepUnknownException(string message) : FletcherException("FLT1301", message);

/// <summary>
/// An at-most-once step failed in an execution before this one; as it must not run twice, the failure is told again.
/// </summary>
public sealed class StepFailedException(string message) : FletcherException("FLT1302", message);

/// <summary>
/// A step that ran before is called with other inputs, and its <see cref="OnDrift"/> says to stop.
/// </summary>
public sealed class StepDriftException(string message) : FletcherException("FLT1303", message);

/// <summary>
/// The host that executed the run stops. The run was handed over: it goes on elsewhere, or here after the next start. A flow that is called
/// after the stop does not begin.
/// </summary>
public sealed class RunHandedOverException(string message) : OperationCanceledException(message);

/// <summary>The run was cancelled by somebody: the message says by whom, and why if that was said.</summary>
public sealed class RunCancelledException(string message, Exception? inner = null) : OperationCanceledException(message, inner);

/// <summary>What a flow waited for did not come in time.</summary>
public sealed class WaitTimeoutException(string message) : TimeoutException(message);

/// <summary>An attempt of a step, or a step or flow in total, took longer than it was allowed to.</summary>
public sealed class StepTimeoutException(string message) : TimeoutException(message);
