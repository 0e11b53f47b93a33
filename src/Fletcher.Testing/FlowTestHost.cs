using Fletcher.Hosting;
using Fletcher.Storage;

namespace Fletcher.Testing;

/// <summary>
/// A host for a test, in the test's process: a store in memory or in a temporary SQLite file, a clock that skips waits, faults at
/// will, and crashes. What goes wrong is in FlowTestHost.Faults.cs.
/// </summary>
public sealed partial class FlowTestHost : IAsyncDisposable
{
    private readonly FlowTestOptions _options;
    private readonly StorePlace _place;
    private readonly FaultPlan _faults;
    private readonly ProcessEvents _events = new();
    private readonly AsyncLocal<FlowCall?> _call = new();
    private TestProcess _process;
    private bool _isDisposed;

    internal FlowTestHost(FlowTestOptions options, CrashTrigger crash)
    {
        _options = options;
        Time = new FlowTestTime(options.StartTime);
        _place = new StorePlace(options.IsSqlite, Time);
        _faults = new FaultPlan(Time);
        _process = NewProcess(crash);
    }

    /// <summary>The host's clock.</summary>
    public FlowTestTime Time { get; }

    /// <summary>The host itself. After <see cref="RestartAsync"/> it is another one.</summary>
    public FletcherHost Host => _process.Host;

    /// <summary>Whether its process has died.</summary>
    public bool HasCrashed => _process.IsDead;

    internal ProcessEvents Events => _events;

    /// <summary>What its store has; readable after the process's death too.</summary>
    internal IRunStore Store => _process.Store;

    internal RunReader Reader => new(_process.Store, _events);

    /// <summary>
    /// Calls a flow and waits for its end. It does not throw when the flow fails: look at the run, or ask for its
    /// <see cref="FlowTestRun{T}.Result"/>, which throws what the flow threw.
    /// </summary>
    /// <param name="flow">Calls one flow, and nothing else.</param>
    /// <returns>The run. When the process died meanwhile, as much as its store knows of it.</returns>
    /// <exception cref="FlowAssertException">No flow was called, or the run did not end within <see cref="FlowTestOptions.Limit"/>.</exception>
    /// <exception cref="InvalidOperationException">The process has died and was not restarted.</exception>
    public Task<FlowTestRun<T>> RunAsync<T>(Func<Task<T>> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return CallAsync(flow);
    }

    /// <inheritdoc cref="RunAsync{T}(Func{Task{T}})"/>
    public async Task<FlowTestRun> RunAsync(Func<Task> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return await CallAsync(async () =>
        {
            await flow().ConfigureAwait(false);
            return default(Nothing);
        }).ConfigureAwait(false);
    }

    /// <inheritdoc cref="RunAsync{T}(Func{Task{T}})"/>
    public Task<FlowTestRun<T>> RunAsync<T>(Func<T> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return CallAsync(() => Task.FromResult(flow()));
    }

    /// <inheritdoc cref="RunAsync{T}(Func{Task{T}})"/>
    public async Task<FlowTestRun> RunAsync(Action flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return await CallAsync(() =>
        {
            flow();
            return Task.FromResult(default(Nothing));
        }).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends the process, if it has not died already, and starts another one on the same store. The clock and the faults stay. Call the
    /// flow again to continue its run.
    /// </summary>
    public async Task RestartAsync()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        await _process.DisposeAsync().ConfigureAwait(false);
        _process = NewProcess(new CrashTrigger());
        await _process.Host.OpenAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Stops what still runs, and closes the store. A temporary file is deleted.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _faults.Clear();
        try
        {
            await _process.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _place.Dispose();
        }
    }

    private TestProcess NewProcess(CrashTrigger crash) =>
        new(_options, _place.Open(), Time, _faults, crash, _events, new ProcessObserver(_call, _events));

    private async Task<FlowTestRun<T>> CallAsync<T>(Func<Task<T>> flow)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var process = _process;
        if (process.IsDead)
            throw new InvalidOperationException($"The process has died ({process.Crash.Where}). Call RestartAsync first.");

        // On the thread pool: a flow that is not asynchronous must not hold the test when the process dies under it.
        var call = new FlowCall(_events.Count);
        _call.Value = call;
        var running = Task.Run(() => process.Host.RunAsync(flow));
        var ended = await Task.WhenAny(running, process.Died, Task.Delay(_options.Limit, TimeProvider.System)).ConfigureAwait(false);
        if (ended != running && !process.IsDead)
        {
            var message = await StillRunsAsync(process, call).ConfigureAwait(false);
            await process.AbandonAsync().ConfigureAwait(false);
            throw new FlowAssertException(message);
        }

        if (process.IsDead)
            await process.BuryAsync().ConfigureAwait(false);
        else
            await process.CommitAsync().ConfigureAwait(false);
        return await ReadAsync(process, call, running).ConfigureAwait(false);
    }

    private async Task<FlowTestRun<T>> ReadAsync<T>(TestProcess process, FlowCall call, Task<T> running)
    {
        if (process.IsDead)
            await process.BuryAsync().ConfigureAwait(false); // it may have died at the last commits
        var error = running is { IsCompleted: true, IsCompletedSuccessfully: false }
            ? running.Exception?.InnerException ?? new TaskCanceledException(running)
            : null;
        if (!running.IsCompletedSuccessfully && process.IsDead)
            error = new ProcessDiedException(process.Crash.Where ?? "the test said so");
        if (call.Roots is not [var first, ..])
        {
            if (error is not null)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
            throw new FlowAssertException(
                "The code called no flow. If it looks as if it did: the project that calls the flow must be compiled with the package Fletcher.");
        }

        var read = await new RunReader(process.Store, _events).ReadAsync(first, call).ConfigureAwait(false);
        var outcome = error is null ? Outcome<T>.Success(await running.ConfigureAwait(false)) : Outcome<T>.From(error);
        return new FlowTestRun<T>(read, outcome);
    }

    private async Task<string> StillRunsAsync(TestProcess process, FlowCall call)
    {
        await process.CommitAsync().ConfigureAwait(false);
        var why = !process.Time.Activity.IsQuiet
            ? $"{process.Busy()} So the clock stands still: only the engine's own waits are skipped, not those of a step's code."
            : Time.SkipsWaits ? "Nothing runs, and nothing waits for the clock." : "All that runs waits, and the test said not to skip waits.";
        var text = $"The flow did not come to an end within {_options.Limit.TotalSeconds:0.#} s. {why}";
        return call.Roots is [var first, ..]
            ? $"{text}\n{StepTable.Of((await Reader.ReadAsync(first, call).ConfigureAwait(false)).Steps)}"
            : text;
    }
}
