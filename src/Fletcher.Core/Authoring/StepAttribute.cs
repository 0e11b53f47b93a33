namespace Fletcher;

/// <summary>What is promised about how often a step takes effect.</summary>
public enum Delivery
{
    /// <summary>A step whose result was not committed runs again after a crash. The default.</summary>
    AtLeastOnce = 0,
    /// <summary>The start is committed before the step runs; if the process goes away inside it, it becomes Unknown and is not run again.</summary>
    AtMostOnce = 1,
}

/// <summary>What happens when a step that ran before is called from the same place with other inputs.</summary>
public enum OnDrift
{
    /// <summary><see cref="Rerun"/> for at-least-once steps, <see cref="Stop"/> for at-most-once steps.</summary>
    Default = 0,
    /// <summary>It runs with the new inputs; the ledger says which input changed, from what to what.</summary>
    Rerun = 1,
    /// <summary>The earlier result is used.</summary>
    Reuse = 2,
    /// <summary>A <see cref="StepDriftException"/> is thrown.</summary>
    Stop = 3,
}

/// <summary>What a cached result must have in common with the call that uses it.</summary>
public enum CacheBy
{
    /// <summary>The inputs, and the source of the step. The default.</summary>
    InputsAndSource = 0,
    /// <summary>The inputs only; a changed method still uses old results.</summary>
    Inputs = 1,
}

/// <summary>
/// Makes a method a step: called inside a flow it is retried, timed, remembered and explained; called elsewhere it is just
/// a method.
/// </summary>
/// <remarks>
/// Templates (<see cref="Name"/>, <see cref="Key"/>, <see cref="Target"/>) are text with parameters in braces:
/// <c>"invoice {airport}"</c>, <c>"{order.Id}"</c>, <c>"{month:yyyy-MM}"</c>; they are checked when the program is compiled.
/// Durations are a number and a unit (ms, s, m, h, d), also several: <c>"1h30m"</c>.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class StepAttribute : Attribute
{
    /// <summary>The stable name by which the step is remembered. Default: type and method, <c>Billing.SendInvoice</c>. Set it before renaming a method whose results must be found again.</summary>
    public string? Id { get; set; }

    /// <summary>A template for the name of each step run; default none.</summary>
    public string? Name { get; set; }

    /// <summary>How often the step is tried again after it failed; default 0.</summary>
    public int Retries { get; set; }

    /// <summary>
    /// How long to wait before each retry. Either a list, whose last entry serves all further retries (<c>"1s, 10s, 1m"</c>), or
    /// <c>"exponential 1s"</c>, optionally with a factor (default 2) and a cap: <c>"exponential 1s x3 max 5m"</c>. Default: at once.
    /// </summary>
    public string? Backoff { get; set; }

    /// <summary>Each delay is multiplied by a random number from 1 - jitter to 1 + jitter; 0 to 1, default 0.</summary>
    public double Jitter { get; set; }

    /// <summary>Only exceptions of these types (or derived ones) are retried. Default: all but cancellation.</summary>
    public Type[] RetryOn { get; set; } = [];

    /// <summary>Exceptions of these types (or derived ones) are not retried.</summary>
    public Type[] NoRetryOn { get; set; } = [];

    /// <summary>The name of a static method of the same type, <c>bool (Exception)</c>, that decides whether to retry.</summary>
    public string? RetryIf { get; set; }

    /// <summary>How long one attempt may take, as a duration; then its token is cancelled and it has failed, whether the code stops or not. Default: no limit.</summary>
    public string? Timeout { get; set; }

    /// <summary>How long all attempts and the waits between them may take together, as a duration. Default: no limit.</summary>
    public string? TotalTimeout { get; set; }

    /// <summary>How often it may take effect. Default <see cref="Delivery.AtLeastOnce"/>.</summary>
    public Delivery Delivery { get; set; }

    /// <summary>Says that the step has no effect outside: it need not wait until earlier results are committed. Default false.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>A template that replaces the inputs in recognising the step: equal keys are the same work. Default none.</summary>
    public string? Key { get; set; }

    /// <summary>For how long later runs may use a result instead of running the step, as a duration. Default: not at all.</summary>
    public string? Cache { get; set; }

    /// <summary>What a cached result must have in common. Default <see cref="CacheBy.InputsAndSource"/>.</summary>
    public CacheBy CacheBy { get; set; }

    /// <summary>
    /// A template for the path of the file or folder that the step makes. If it exists the step is skipped; if it does not exist
    /// afterwards the step has failed. For steps that return nothing, or a string: then the path is the result of a skipped step.
    /// </summary>
    public string? Target { get; set; }

    /// <summary>
    /// The name of the step of the same type (or a base type) that undoes this one: <c>nameof(Refund)</c>. It is called when the flow run, or the
    /// <c>Flow.Transaction</c>, in which this step completed fails or is cancelled. Its parameters are those of this step, by name and type, as many as it wants, and one for this step's
    /// result. Default: none; the step is not undone.
    /// </summary>
    public string? Undo { get; set; }

    /// <summary>
    /// The name of the limit under which each attempt starts: it waits until the limit lets it, and has its place until its code has ended. Limits are defined with
    /// <c>FletcherOptions.Limits</c>, or at run time. Default: none.
    /// </summary>
    public string? Limit { get; set; }

    /// <summary>A template for the key in the limit: each key has slots, rate, breaker and line of its own. Default: none, all share.</summary>
    public string? LimitKey { get; set; }

    /// <summary>How many slots and tokens of the limit each attempt takes; from 1, default 1. More than there are counts as all.</summary>
    public int LimitWeight { get; set; } = 1;

    /// <summary>What happens when it is called with other inputs than before. Default <see cref="OnDrift.Default"/>.</summary>
    public OnDrift OnDrift { get; set; }
}

/// <summary>
/// Marks a parameter that is not an input: it does not take part in recognising the step and is not stored.
/// <see cref="CancellationToken"/>, loggers and services (interfaces that are no collections, disposable classes) never are.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class NotInputAttribute : Attribute;
