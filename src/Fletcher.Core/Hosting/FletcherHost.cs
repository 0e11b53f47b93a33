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

    /// <summary>Makes a host. It opens its store at the first flow.</summary>
    /// <exception cref="FletcherUsageException">No store was chosen.</exception>
    public FletcherHost(FletcherOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _retry = options.Retry;
        Store = (options.Store ?? throw new FletcherUsageException(
            "FLT1404", "The host has no store. Choose one: options.UseSqlite(), or options.UseMemory()."))();
        Time = options.Time;
        _classifier = new FailureClassifier(options.FailureRules);
        Codec = new ValueCodec(options.Json);
        Observers = new RunObservers([.. options.Observers, .. options.StoreObservers.Select(make => make(Store))]);
        CodeVersion = options.CodeVersion ?? HostIdentity.EntryVersion;
        Identity = HostIdentity.Create(Time);
        _pulse = new HostPulse(this);
    }

    /// <summary>Where runs are kept.</summary>
    public IRunStore Store { get; }

    internal TimeProvider Time { get; }

    internal ValueCodec Codec { get; }

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
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (_executions.Values.FirstOrDefault() is { } execution)
            await execution.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the runs that are under way, commits what they did, and closes the store. A stopped run is cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await DrainAsync(CancellationToken.None).ConfigureAwait(false);
        _pulse.Dispose();
        try
        {
            if (_writer is not null)
            {
                await _writer.DisposeAsync().ConfigureAwait(false);
                await Store.PutHostAsync(Identity with { HeartbeatAt = Now, EndedAt = Now }, CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            Observers.Dispose();
            await Store.DisposeAsync().ConfigureAwait(false);
            _stopping.Dispose();
        }
    }

    internal ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
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

    internal void Begin(FlowExecution execution)
    {
        _executions[execution.Id] = execution;
        _pulse.Start();
    }

    internal void End(FlowExecution execution) => _executions.TryRemove(execution.Id, out _);

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
        _writer = new GroupCommitWriter(Store);
        if (_options.CaptureConsole)
            ConsoleCapture.Install(_options.CoordinateConsole);
    }
}
