using System.Reflection;
using System.Text.Json;
using Fletcher.Diagnosis;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>How a host is set up.</summary>
public sealed class FletcherOptions
{
    /// <summary>The limits that the program declares. Default: none.</summary>
    public LimitOptions Limits { get; } = new();

    /// <summary>How long runs are kept after they ended. Default: good ones 30 days, failed ones 90 days, 100,000 of each a flow.</summary>
    public RetentionOptions Retention { get; } = new();

    /// <summary>Makes the store. Default: none; choose one, such as <c>UseSqlite()</c> or <see cref="UseMemory"/>.</summary>
    public Func<IRunStore>? Store { get; set; }

    /// <summary>Who is told what happens. Default: nobody.</summary>
    public IList<IRunObserver> Observers { get; } = [];

    /// <summary>Rules that say which class a failure is of, asked before the built-in ones. Default: none.</summary>
    public IList<IFailureRule> FailureRules { get; } = [];

    /// <summary>Who is asked for advice about a failure that is shown, before the built-in catalogue. Default: nobody.</summary>
    public IList<IFailureAdvisor> Advisors { get; } = [];

    /// <summary>Adds an observer that reads the host's store.</summary>
    public FletcherOptions Observe(Func<IRunStore, IRunObserver> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        StoreObservers.Add(observer);
        return this;
    }

    /// <summary>
    /// Declares a deployment when the host is started: <c>options.Deploy(() => Billing.InvoiceMonth(default), new() { Schedule = Schedule.Parse("0 6 1 * *", "Europe/Berlin") })</c>. It takes the place
    /// of what was declared under the name before, never of what an operator set.
    /// </summary>
    /// <param name="flow">Calls the flow with the parameters that each run has, and nothing else; the call is not made. A parameter marked <see cref="ScheduledTimeAttribute"/> gets the time of each firing.</param>
    /// <param name="deployment">Name, schedule and the rest. Default: the flow's name, and no schedule.</param>
    public FletcherOptions Deploy(Func<Task> flow, DeploymentOptions? deployment = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        Deployments.Add(new DeploymentDeclaration(flow, null, null, deployment ?? new DeploymentOptions()));
        return this;
    }

    /// <summary>Declares a deployment of a flow by its name when the host is started; see <see cref="Deploy(Func{Task}, DeploymentOptions?)"/>.</summary>
    /// <param name="flow">The flow's stable name.</param>
    /// <param name="parameters">An object with a property for each parameter, such as <c>new { customer }</c>; <c>new { }</c> for none.</param>
    /// <param name="deployment">Name, schedule and the rest. Default: the flow's name, and no schedule.</param>
    public FletcherOptions Deploy<TParameters>(string flow, TParameters parameters, DeploymentOptions? deployment = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(flow);
        Deployments.Add(new DeploymentDeclaration(null, flow, GivenValue.Of(parameters), deployment ?? new DeploymentOptions()));
        return this;
    }

    /// <summary>
    /// How parameters and results become JSON: add converters, or a source-generated resolver in front. What was stored under other
    /// options must stay readable.
    /// </summary>
    public JsonSerializerOptions Json { get; } = ValueCodec.CreateOptions();

    /// <summary>
    /// The directory of the keys that secrets are encrypted with; several hosts that share a store share it too. Default: what <c>FLETCHER_KEYS</c> says, else the application's own
    /// <c>IDataProtectionProvider</c> where it has registered one, else the user's Data Protection directory (<c>~/.aspnet/DataProtection-Keys</c>; on Windows in <c>%LOCALAPPDATA%</c>).
    /// </summary>
    public string? SecretKeys { get; set; }

    /// <summary>Encrypts secrets in the place of Data Protection: a key vault, for example. Default: null.</summary>
    public ISecretProtector? SecretProtector { get; set; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Whether lines that steps write to <see cref="Console.Out"/> and <see cref="Console.Error"/> are kept in their logs. Default false; true in plain programs.</summary>
    public bool CaptureConsole { get; set; }

    /// <summary>The failed or crashed run to continue, once, when its flow is called. Default: none; in plain programs <c>FLETCHER_RETRY</c>.</summary>
    public RunId? Retry { get; set; }

    /// <summary>The version of the program, for comparison after a failure. Default: that of the entry assembly.</summary>
    public string? CodeVersion { get; set; }

    /// <summary>
    /// Whether the host takes runs of its flows that nobody has: those whose host died, those that were handed over, and those whose
    /// wait is over. Default false: a plain program runs what it calls; true in applications (<c>AddFletcher</c>). Such a host must be started
    /// (<see cref="FletcherHost.StartAsync"/>).
    /// </summary>
    public bool TakesRuns { get; set; }

    /// <summary>The assemblies whose flows the host takes. Default: the program's own and those that it refers to.</summary>
    public IList<Assembly> FlowAssemblies { get; } = [];

    /// <summary>
    /// The flows whose runs the host takes, by their stable names; a <c>*</c> stands for any characters: <c>Billing.*</c>. One that fits no flow of the program is an error. Default: all of
    /// <see cref="FlowAssemblies"/>. What the program itself calls is executed whether it is listed or not.
    /// </summary>
    public IList<string> Flows { get; } = [];

    /// <summary>The queues that the host takes runs from (<see cref="StartOptions.Queue"/>). Default: all of them.</summary>
    public IList<string> Queues { get; } = [];

    /// <summary>What the host has that runs may require, such as <c>gpu</c> or <c>dmz</c> (<see cref="StartOptions.Labels"/>). It takes runs that require these or fewer. Default: none.</summary>
    public IList<string> Labels { get; } = [];

    /// <summary>
    /// How many runs that nobody in the process called the host executes at the same time; the others wait in the store. One that is parked does not count. From 1, default 1,000: a run that waits for
    /// the outside costs little. Set it to about the number of cores for flows that compute.
    /// </summary>
    public int Capacity { get; set; } = 1000;

    /// <summary>
    /// How many runs of a flow the host executes at the same time, by stable name, in the place of the flow's own <see cref="FlowAttribute.MaxConcurrency"/>; 0 for no bound but <see cref="Capacity"/>. It
    /// counts and bounds the same runs as that. Default: none.
    /// </summary>
    public IDictionary<string, int> FlowConcurrency { get; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>For how long another host may be silent before it counts as dead; 1 second at least, default 10 seconds. All hosts of a store should have the same. On one machine, a process that is gone is noticed at once.</summary>
    public TimeSpan HostTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a run whose host died is resumed by itself; then it fails. It counts from the run's start, its last wait without a host, or when somebody asked for it. 0 or more, default 3.</summary>
    public int CrashResumes { get; set; } = 3;

    /// <summary>When all that a run has done for so long is to wait, it is parked: dropped from memory until the wait is over. Zero or more, default 30 seconds.</summary>
    public TimeSpan ParkAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a run that was cancelled may take to stop; what does not heed its token by then is left behind. Zero or more, default 30 seconds.</summary>
    public TimeSpan CancelGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long steps may take to stop when the host stops; then their runs are handed over without them. Zero or more, default 10 seconds.</summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many processes for single runs (<see cref="Isolation.Process"/>) there may be at the same time; further runs wait for one to end. 1 or more, default the number of processors.
    /// </summary>
    public int MaxProcesses { get; set; } = Environment.ProcessorCount;

    /// <summary>How long a run whose host died waits before it is resumed: the first time, the second, and ever after. Other values are for tests that kill all the time.</summary>
    internal IReadOnlyList<TimeSpan> CrashBackoff { get; set; } = [TimeSpan.Zero, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1)];

    /// <summary>Where flows that are called by name get services from; set by <c>AddFletcher</c>.</summary>
    internal IServiceProvider? Services { get; set; }

    /// <summary>How another process of the program comes by such a host. Default: it cannot.</summary>
    internal ProcessStart ProcessStart { get; set; }

    /// <summary>The one run that this process was started for; null for all others.</summary>
    internal IsolatedRun? IsolatedRun { get; set; }

    /// <summary>What a test steps in with. Default: nothing.</summary>
    internal FaultPoints? Faults { get; set; }

    internal List<DeploymentDeclaration> Deployments { get; } = [];

    internal IList<Func<IRunStore, IRunObserver>> StoreObservers { get; } = [];

    /// <summary>Wraps the console's own writers before they are captured; given the writer and whether it is standard error.</summary>
    internal Func<TextWriter, bool, TextWriter>? CoordinateConsole { get; set; }

    /// <summary>Makes them those of a process that executes one run, and nothing else.</summary>
    internal void MakeFor(IsolatedRun order)
    {
        Hosting.IsolatedRun.Forget();
        IsolatedRun = order;
        TakesRuns = false;
        CaptureConsole = true;
        Retry = null;
        Relay = new OutputRelay();
        Observers.Add(Relay);
    }

    /// <summary>Where a process that executes one run writes to; null in others.</summary>
    internal OutputRelay? Relay { get; private set; }

    /// <exception cref="FletcherUsageException">A setting is out of its range.</exception>
    internal void Check()
    {
        Require(HostTimeout >= TimeSpan.FromSeconds(1), nameof(HostTimeout), HostTimeout, "1 second or more");
        Require(CrashResumes >= 0, nameof(CrashResumes), CrashResumes, "0 or more");
        Require(ParkAfter >= TimeSpan.Zero, nameof(ParkAfter), ParkAfter, "zero or more");
        Require(CancelGrace >= TimeSpan.Zero, nameof(CancelGrace), CancelGrace, "zero or more");
        Require(Capacity >= 1, nameof(Capacity), Capacity, "1 or more");
        foreach (var (flow, most) in FlowConcurrency)
            Require(most >= 0, $"{nameof(FlowConcurrency)}[\"{flow}\"]", most, "0 or more");
        RequireNames(nameof(Flows), Flows);
        RequireNames(nameof(Queues), Queues);
        RequireNames(nameof(Labels), Labels);
        Require(MaxProcesses >= 1, nameof(MaxProcesses), MaxProcesses, "1 or more");
        if (Retention.FindProblem() is { } problem)
            throw new FletcherUsageException("FLT1410", $"FletcherOptions.{nameof(Retention)}.{problem}.");
        Require(ShutdownGrace >= TimeSpan.Zero, nameof(ShutdownGrace), ShutdownGrace, "zero or more");
    }

    private static void RequireNames(string name, IEnumerable<string> names) =>
        Require(!names.Any(string.IsNullOrWhiteSpace), name, "a list with an empty name", "names only");

    private static void Require(bool condition, string name, object value, string expected)
    {
        if (!condition)
            throw new FletcherUsageException("FLT1410", $"FletcherOptions.{name} is {value}; it must be {expected}.");
    }

    /// <summary>Keeps runs in memory only: they are gone with the process, and nothing can be resumed after it.</summary>
    public FletcherOptions UseMemory()
    {
        Store = () => new MemoryStore(Time);
        return this;
    }
}
