using Fletcher.Scheduling;

namespace Fletcher;

/// <summary>What a call of a flow does when an earlier run with the same parameters did not complete.</summary>
public enum OnRerun
{
    /// <summary>Continues a run whose process went away; starts a new one after a failure. The default.</summary>
    ResumeCrashed = 0,
    /// <summary>Continues a run whose process went away, and a failed one too.</summary>
    Resume = 1,
    /// <summary>Always starts a new run.</summary>
    New = 2,
}

/// <summary>
/// Makes a method a flow: its calls are runs with a state, and the results of the steps it calls are remembered, so that
/// after a crash or a failure only what was not done is done.
/// </summary>
/// <remarks>
/// Templates (<see cref="Name"/>, <see cref="Once"/>) are text with parameters in braces: <c>"invoices {month:yyyy-MM}"</c>,
/// <c>"{customer.Id}"</c>; they are checked when the program is compiled. Durations are a number and a unit (ms, s, m, h, d),
/// also several: <c>"1h30m"</c>.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FlowAttribute : Attribute
{
    /// <summary>The stable name under which runs are kept. Default: type and method, <c>Billing.InvoiceMonth</c>. Set it before renaming a method whose runs must be found again.</summary>
    public string? Id { get; set; }

    /// <summary>A template for the name of each run; default none.</summary>
    public string? Name { get; set; }

    /// <summary>How often the body is executed again after it failed; completed steps are not. Default 0.</summary>
    public int Retries { get; set; }

    /// <summary>How long to wait before each retry; see <see cref="StepAttribute.Backoff"/>. Default: at once.</summary>
    public string? Backoff { get; set; }

    /// <summary>How long a run may take in all, as a duration; then it fails. Default: no limit.</summary>
    public string? Timeout { get; set; }

    /// <summary>What becomes of a run when its body failed and no retries are left. It holds for runs of their own, not for a flow that another one calls and waits for. Default <see cref="OnFailure.Fail"/>.</summary>
    public OnFailure OnFailure { get; set; }

    /// <summary>What happens to an unfinished run with the same parameters. Default <see cref="OnRerun.ResumeCrashed"/>.</summary>
    public OnRerun OnRerun { get; set; }

    /// <summary>
    /// A template for a key that is done once: when a run with this key has completed, a call answers with its stored result and
    /// nothing runs. Default none.
    /// </summary>
    public string? Once { get; set; }

    /// <summary>
    /// How many runs of the flow a host executes at the same time, of those that it takes from the store; the others wait there. Runs that code of the host's own process calls do not count, and are not
    /// bounded. 1 or more; default 0: no bound but that of the host (<see cref="Hosting.FletcherOptions.Capacity"/>).
    /// </summary>
    public int MaxConcurrency { get; set; }

    /// <summary>
    /// The name of the limit under which each execution of the body starts: it waits until the limit lets it, and has its place until the body has ended or the run is parked. Limits are defined with
    /// <c>FletcherOptions.Limits</c>, or at run time. Default: none.
    /// </summary>
    public string? Limit { get; set; }

    /// <summary>A template for the key in the limit: each key has slots, rate, breaker and line of its own. Default: none, all share.</summary>
    public string? LimitKey { get; set; }

    /// <summary>How many slots and tokens of the limit each execution of the body takes; from 1, default 1. More than there are counts as all.</summary>
    public int LimitWeight { get; set; } = 1;

    /// <summary>
    /// Whether each run has a process of its own. Default <see cref="Isolation.None"/>. It holds for runs of their own, not for a flow that another one calls and waits for; nor in a store in memory,
    /// which no other process sees.
    /// </summary>
    public Isolation Isolation { get; set; }

    /// <summary>
    /// How much memory the process of a run may have, as a number and a unit: <c>"512 MiB"</c>, <c>"1.5 GiB"</c> (KiB, MiB, GiB, kB, MB, GB); 64 MiB or more. Three quarters of it are for objects: beyond them
    /// the code gets an <see cref="OutOfMemoryException"/>. A process that is larger than all of it is killed. Only with <see cref="Isolation.Process"/>. Default: no limit.
    /// </summary>
    public string? MemoryLimit { get; set; }

    /// <summary>
    /// When the flow starts by itself: a cron expression, an interval or an RFC 5545 rule, such as <c>"0 6 1 * *"</c> (docs/schedules.md). It makes a deployment with the flow's name, which each host
    /// that takes the flow declares when it starts; one that cannot be used keeps the host from starting (FLT1710). All parameters of the flow need a default, but for one marked
    /// <see cref="ScheduledTimeAttribute"/>. Default: none.
    /// </summary>
    public string? Schedule { get; set; }

    /// <summary>The zone in which <see cref="Schedule"/> is read, an id of the IANA database such as <c>Europe/Berlin</c>. Default <c>UTC</c>.</summary>
    public string? Zone { get; set; }

    /// <summary>What happens to firings of <see cref="Schedule"/> that were missed. Default <see cref="CatchUpPolicy.Latest"/>.</summary>
    public CatchUpPolicy CatchUp { get; set; }

    /// <summary>What happens to a firing of <see cref="Schedule"/> while the run of an earlier one goes on. Default <see cref="OverlapPolicy.Allow"/>.</summary>
    public OverlapPolicy Overlap { get; set; }

    /// <summary>For how long runs are kept that completed or were cancelled, as a duration of 1 minute or more. Default: as the host has it, 30 days.</summary>
    public string? KeepFor { get; set; }

    /// <summary>For how long runs are kept that failed or crashed, as a duration of 1 minute or more. Default: as the host has it, 90 days.</summary>
    public string? KeepFailedFor { get; set; }

    /// <summary>
    /// For how long completed runs with a <see cref="Once"/> key are kept, as a duration of 1 minute or more; after that a call with the key runs again. Default: as the host has it, for ever.
    /// </summary>
    public string? KeepOnceFor { get; set; }

    /// <summary>How many runs are kept that completed or were cancelled, the newest; 1 or more. Default 0: as the host has it, 100,000.</summary>
    public int Keep { get; set; }

    /// <summary>How many runs are kept that failed or crashed, the newest; 1 or more. Default 0: as the host has it, 100,000.</summary>
    public int KeepFailed { get; set; }

    /// <summary>Words to find runs by.</summary>
    public string[] Tags { get; set; } = [];
}
