using System.Collections.Concurrent;
using Fletcher.Diagnosis;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// A process's ability to run flows: a store, a writer in front of it, and the runs that are under way. A plain program gets
/// one by itself at its first flow; an application makes one with <c>AddFletcher</c>; a test makes its own.
/// </summary>
public sealed partial class FletcherHost : IAsyncDisposable
{
    private readonly FletcherOptions _options;
    private readonly FailureClassifier _classifier;
    private readonly HostPulse _pulse;
    private readonly ConcurrentDictionary<RunId, FlowExecution> _executions = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _openGate = new();
    private Task? _opened;
    private GroupCommitWriter? _writer;
    private RunId? _retry;
    private string? _retryFlow;
    private int _disposed;
    private Task? _stop;
    private volatile bool _wasStopped;
    private volatile bool _isStarted;

    /// <summary>Makes a host. It opens its store at the first flow.</summary>
    /// <exception cref="FletcherUsageException">No store was chosen.</exception>
    public FletcherHost(FletcherOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _options = options;
        _retry = options.Retry;
        Store = (options.Store ?? throw new FletcherUsageException(
            "FLT1404", "The host has no store. Choose one: options.UseSqlite(), or options.UseMemory()."))();
        Time = options.Time;
        _classifier = new FailureClassifier(options.FailureRules);
        Vault = new SecretVault(Store, () => options.SecretProtector ?? SecretProtection.Find(options.SecretKeys, options.Services)) { Revealed = options.Relay is { } relay ? relay.Revealed : null };
        Codec = new ValueCodec(options.Json, Vault);
        Observers = new RunObservers([.. options.Observers, .. options.StoreObservers.Select(make => make(Store))]);
        Isolated = new IsolatedRuns(this, options);
        CodeVersion = options.CodeVersion ?? HostIdentity.EntryVersion;
        Catalog = options.TakesRuns ? new FlowCatalog(options.FlowAssemblies) : null;
        Identity = Describe(HostIdentity.Create(Time));
        if (options.IsolatedRun is { } order)
            Identity = Identity with { Id = order.Host };
        BoundedFlows =
        [
            .. Identity.Flows.Where(flow => options.FlowConcurrency.ContainsKey(flow) || Catalog!.Find(flow) is { MaxConcurrency: > 0 } or { Isolation: not Isolation.None }),
        ];
        Intake = new Intake(this, options);
        _pulse = new HostPulse(this);
        Loop = new HostLoop(this);
        Watch = new HostWatch(this);
        Parked = new ParkedCalls(this);
        Waits = new RunWaits(Store);
    }

    /// <summary>Where runs are kept.</summary>
    public IRunStore Store { get; }

    /// <summary>Sends signals to runs, cancels them and the like; to runs of this host without a detour.</summary>
    public FletcherClient Client => field ??= new FletcherClient(this, null);

    internal TimeProvider Time { get; }

    internal ValueCodec Codec { get; }

    /// <summary>The secrets of the store.</summary>
    internal SecretVault Vault { get; }

    /// <summary>What a test steps in with; null outside tests.</summary>
    internal FaultPoints? Faults => _options.Faults;

    internal RunObservers Observers { get; }

    internal string? CodeVersion { get; }

    internal HostRecord Identity { get; private set; }

    internal Guid Id => Identity.Id;

    internal DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>For jitter; chance that a flow sees comes from <c>Flow.Random</c>.</summary>
    internal Random Random { get; } = new();

    internal CancellationToken Stopping => _stopping.Token;

    internal GroupCommitWriter Writer => _writer ?? throw new InvalidOperationException("The host is not open.");

    /// <summary>Definitions of steps made with <c>Step.Run</c>, so that each policy is read once.</summary>
    internal ConcurrentDictionary<(string Name, StepOptions? Options), StepDefinition> LambdaDefinitions { get; } = new();

    internal HostPulse Pulse => _pulse;

    internal HostHealth Health { get; } = new();

    internal HostLoop Loop { get; }

    internal HostWatch Watch { get; }

    /// <summary>The runs that processes of their own execute.</summary>
    internal IsolatedRuns Isolated { get; }

    /// <summary>The calls here that wait for runs which this host has left.</summary>
    internal ParkedCalls Parked { get; }

    /// <summary>Those in this process who wait for runs that they did not call.</summary>
    internal RunWaits Waits { get; }

    /// <summary>The flows whose runs the host takes; null when it takes none.</summary>
    internal FlowCatalog? Catalog { get; }

    internal ICollection<FlowExecution> Executions => _executions.Values;

    /// <summary>
    /// Calls code whose flows run on this host: <c>await host.RunAsync(() => Billing.InvoiceMonth(month))</c>.
    /// </summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        Ambient.Current = new HostScope(this);
        return await flow().ConfigureAwait(false);
    }

    /// <inheritdoc cref="RunAsync{T}(Func{Task{T}})"/>
    public async Task RunAsync(Func<Task> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        Ambient.Current = new HostScope(this);
        await flow().ConfigureAwait(false);
    }

    /// <inheritdoc cref="RunAsync{T}(Func{Task{T}})"/>
    public T Run<T>(Func<T> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var before = Ambient.Current;
        Ambient.Current = new HostScope(this);
        try
        {
            return flow();
        }
        finally
        {
            Ambient.Current = before;
        }
    }

    /// <summary>Returns when everything that runs have reported so far is committed.</summary>
    /// <exception cref="StoreUnavailableException">The store did not take it.</exception>
    public ValueTask FlushAsync() => _writer?.FlushAsync() ?? ValueTask.CompletedTask;

    /// <summary>Waits until no run is under way. Runs started with <c>Flow.Start</c> may outlive the call that started them.</summary>
    public async Task WaitForRunsAsync(CancellationToken cancellationToken)
    {
        while (_executions.Values.FirstOrDefault() is { } execution)
            await execution.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        await Isolated.DrainAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the store, and begins to take runs if the host is to (<see cref="FletcherOptions.TakesRuns"/>).</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be opened.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        await PublishFlowsAsync(cancellationToken).ConfigureAwait(false);
        await DeclareDeploymentsAsync(cancellationToken).ConfigureAwait(false);
        _isStarted = true;
        _pulse.Start();
        Loop.Start();
        StartFirings();
    }

    /// <summary>
    /// Hands over the runs that are under way: nothing new begins, steps get their token and <see cref="FletcherOptions.ShutdownGrace"/>, and any host that has the flow
    /// goes on with the run. In a store that is gone with the process the runs are cancelled instead. Calls that wait for a run get a
    /// <see cref="RunHandedOverException"/>.
    /// </summary>
    /// <param name="reason">Why the host stops, for the ledger.</param>
    /// <param name="cancellationToken">Ends the time that steps have to stop; the runs are handed over nevertheless.</param>
    /// <remarks>Called again, it returns when the first call is done.</remarks>
    public Task StopAsync(string reason = "its host stops", CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        lock (_openGate)
        {
            EndReason ??= reason;
            if (_stop is null)
            {
                _wasStopped = Volatile.Read(ref _disposed) == 0;
                _stop = Task.Run(() => StopOnceAsync(cancellationToken), CancellationToken.None);
            }

            return _stop;
        }
    }

    /// <summary>Stops the host as <see cref="StopAsync"/> does, commits what its runs did, and closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await StopAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        _pulse.Dispose();
        try
        {
            if (_writer is not null)
            {
                await _writer.DisposeAsync().ConfigureAwait(false);
                await Store.PutHostAsync(Identity with { HeartbeatAt = Now, EndedAt = Now, EndReason = EndReason }, CancellationToken.None)
                    .ConfigureAwait(false);
            }
        }
        finally
        {
            Limits?.Dispose();
            Observers.Dispose();
            await Store.DisposeAsync().ConfigureAwait(false);
            _stopping.Dispose();
            Isolated.Dispose();
        }
    }

    private async Task StopOnceAsync(CancellationToken hurry)
    {
        if (_firing is { } firing)
            await firing.DisposeAsync().ConfigureAwait(false);
        if (_retention is { } retention)
            await retention.DisposeAsync().ConfigureAwait(false);
        await Loop.DisposeAsync().ConfigureAwait(false);
        var isolated = Isolated.StopAsync(EndReason!, hurry);
        var roots = Executions.Where(execution => execution.Root == execution).ToList();
        if (Store.IsVolatile)
        {
            await Task.WhenAll(roots.Select(execution => execution.CancelAsync("the host", "the host stops", _options.ShutdownGrace, hurry))).ConfigureAwait(false);
        }
        else
        {
            await Task.WhenAll(roots.Select(execution => execution.HandOverAsync(EndReason!, _options.ShutdownGrace, hurry))).ConfigureAwait(false);
        }

        await isolated.ConfigureAwait(false);
        Parked.Release();
        await WaitForOwnersAsync(hurry).ConfigureAwait(false);
    }

    internal ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        // Who called a host that was stopped did nothing wrong; who disposed of one and calls it did.
        ObjectDisposedException.ThrowIf(_disposed != 0 && !_wasStopped, this);
        if (IsStopping)
            throw new RunHandedOverException("The host stops: no flow begins on it any more.");
        Task opened;
        lock (_openGate)
        {
            // A store that could not be opened may be there at the next call.
            if (_opened is null or { IsFaulted: true })
                _opened = Task.Run(OpenStoreAsync, CancellationToken.None);
            opened = _opened;
        }

        return opened.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(opened.WaitAsync(cancellationToken));
    }

    /// <summary>Opens the store for somebody who begins no run, and who may come when the host has been told to stop.</summary>
    internal ValueTask OpenForClientAsync(CancellationToken cancellationToken) =>
        _opened is { IsCompletedSuccessfully: true } ? ValueTask.CompletedTask : OpenAsync(cancellationToken);

    internal void Begin(FlowExecution execution)
    {
        // Two claims of one host: a run that it was taken for dead with, or that its loop and a call took at once. Only the later one holds.
        while (!_executions.TryAdd(execution.Id, execution))
        {
            if (!_executions.TryGetValue(execution.Id, out var other))
                continue;
            if (other.Lease.Key.Fence > execution.Lease.Key.Fence)
            {
                execution.Lose();
                break;
            }

            other.Lose();
            if (_executions.TryUpdate(execution.Id, execution, other))
                break;
        }

        WakeUp();
    }

    /// <summary>Makes sure that the host looks at its store and says that it lives, as it has something to do.</summary>
    internal void WakeUp()
    {
        _pulse.Start();
        Loop.Start();
    }

    internal void End(FlowExecution execution)
    {
        _executions.TryRemove(KeyValuePair.Create(execution.Id, execution));
        Waits.NoteLeft(execution.Id);
    }

    internal FlowExecution? FindExecution(RunId run) => _executions.GetValueOrDefault(run);

    /// <summary>The run whose retry was asked for, if it is one of this flow; only the first call gets it.</summary>
    internal RunId? TakeRetry(string flow)
    {
        lock (_openGate)
        {
            if (_retry is null || (_retryFlow is not null && _retryFlow != flow))
                return null;
            var retry = _retry;
            _retry = null;
            return retry;
        }
    }

    private async Task OpenStoreAsync()
    {
        await Store.OpenAsync(CancellationToken.None).ConfigureAwait(false);
        await Store.PutHostAsync(Identity, CancellationToken.None).ConfigureAwait(false);
        if (_retry is { } asked)
            _retryFlow = (await Store.GetFlowRunAsync(asked, CancellationToken.None).ConfigureAwait(false))?.Flow;
        LastMessage = await Store.GetLastMessageAsync(CancellationToken.None).ConfigureAwait(false);
        _writer = new GroupCommitWriter(Store, NoteLost);
        await OpenLimitsAsync().ConfigureAwait(false);
        await ReadPausedAsync().ConfigureAwait(false);
        StartRetention();
        if (_options.CaptureConsole)
            ConsoleCapture.Install(_options.Relay is { } relay ? relay.Coordinate : _options.CoordinateConsole);
    }
}
