using System.Text.Json;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// What a person or a program may ask of flow runs from outside: send signals, answer questions, cancel, pause, resume. It needs a store
/// and no host: what it asks is kept there, and done by the host that has the run, or that takes it. From the same process it
/// reaches the run at once, from another one within a fraction of a second.
/// </summary>
public sealed partial class FletcherClient
{
    private readonly IRunStore _store;
    private readonly FletcherHost? _host;
    private readonly TimeProvider _time;
    private readonly JsonSerializerOptions _json;

    /// <summary>Makes a client of an open store.</summary>
    /// <param name="store">The store; it stays its owner's.</param>
    /// <param name="actor">Who acts: a person's name, or what the program is called. Default: the user of the machine.</param>
    /// <param name="json">How values become JSON. Default: as flows do it.</param>
    /// <param name="time">The clock. Default: the system's.</param>
    public FletcherClient(IRunStore store, string? actor = null, JsonSerializerOptions? json = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _time = time ?? TimeProvider.System;
        _json = json ?? ValueCodec.CreateOptions();
        Actor = actor ?? Environment.UserName;
    }

    internal FletcherClient(FletcherHost host, string? actor)
        : this(host.Store, actor, host.Codec.Options, host.Time) => _host = host;

    /// <summary>Who acts.</summary>
    public string Actor { get; }

    /// <summary>The same client for another actor.</summary>
    public FletcherClient As(string actor)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(actor);
        return _host is null ? new FletcherClient(_store, actor, _json, _time) : new FletcherClient(_host, actor);
    }

    /// <summary>
    /// Sends a signal to a run, for <see cref="Flow.WaitFor{T}"/>. It is kept until a wait takes it, so it may be sent before the run waits; one wait gets it, once.
    /// </summary>
    /// <param name="run">The run, or a sub-flow of it.</param>
    /// <param name="name">The signal's name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="key">An idempotency key: of the signals to one run with the same key only the first counts. Default: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it is new; false when one with this key was sent before.</returns>
    /// <exception cref="FletcherUsageException">There is no such run, it has ended, or the value cannot be written as JSON.</exception>
    public async Task<bool> SignalAsync<T>(
        RunId run, string name, T value, string? key = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        byte[] content;
        try
        {
            content = JsonSerializer.SerializeToUtf8Bytes(value, _json);
        }
        catch (Exception e) when (e is NotSupportedException or JsonException or InvalidOperationException)
        {
            throw ValueErrors.Input($"signal '{name}'", typeof(T), value, e);
        }

        return await SendAsync(New(run, MessageKind.Signal, null) with { Name = name, Content = content, Key = key }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a signal without a value and without a key; see <see cref="SignalAsync{T}"/>.</summary>
    /// <inheritdoc cref="SignalAsync{T}"/>
    public Task SignalAsync(RunId run, string name, CancellationToken cancellationToken = default) =>
        SignalAsync<object?>(run, name, null, null, cancellationToken);

    /// <summary>The questions that wait for an answer, newest first; at most 1,000.</summary>
    public async Task<IReadOnlyList<QuestionRecord>> GetQuestionsAsync(RunId? run = null, CancellationToken cancellationToken = default)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await _store.GetQuestionsAsync(run, true, 1000, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Stops a run: its code gets its token, sub-flows too, and what does not stop in time is left behind. A run that waits is executed up to where it
    /// waits, so that its cleanup runs. When it returns the request is kept; the run ends soon after.
    /// </summary>
    /// <param name="run">The run, or a sub-flow of one.</param>
    /// <param name="reason">Why, in one sentence. Default: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">There is no such run, or it has ended.</exception>
    /// <remarks>One that was started and that no host has begun ends at once, whether any host takes it or not.</remarks>
    public async Task CancelAsync(RunId run, string? reason = null, CancellationToken cancellationToken = default)
    {
        if (!await TryCancelUnbegunAsync(await FindAsync(run, cancellationToken).ConfigureAwait(false), reason, cancellationToken).ConfigureAwait(false))
            await SendAsync(New(run, MessageKind.Cancel, reason), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Pauses a run: steps that run come to their end, no other begins, and the run waits for <see cref="ResumeAsync"/>.
    /// </summary>
    /// <param name="run">The run, or a sub-flow of one.</param>
    /// <param name="reason">Why, in one sentence. Default: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">There is no such run, or it has ended.</exception>
    public Task PauseAsync(RunId run, string? reason = null, CancellationToken cancellationToken = default) =>
        SendAsync(New(run, MessageKind.Pause, reason), cancellationToken);

    /// <summary>Lets a run go on that is paused, or that failed and waits for a fix (<see cref="OnFailure.Wait"/>).</summary>
    /// <inheritdoc cref="PauseAsync"/>
    public Task ResumeAsync(RunId run, string? reason = null, CancellationToken cancellationToken = default) =>
        SendAsync(New(run, MessageKind.Resume, reason), cancellationToken);

    /// <summary>
    /// Asks for a run that failed, was cancelled or crashed again: a host that takes its flow goes on with it, with everything that was done as its memory. At-most-once
    /// steps that failed are tried again.
    /// </summary>
    /// <param name="run">The run; it must be no sub-flow.</param>
    /// <param name="reason">Why, in one sentence. Default: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">There is no such run, it is open, or it has completed.</exception>
    public async Task RetryAsync(RunId run, string? reason = null, CancellationToken cancellationToken = default)
    {
        var record = await FindAsync(run, cancellationToken).ConfigureAwait(false);
        if (!record.State.IsEnd() || record.State == FlowRunState.Completed)
            throw new FletcherUsageException("FLT1503", $"Flow run {run} of '{record.Flow}' is {record.State}: only a run that failed, was cancelled or crashed can be retried.");
        CheckRoot(record);
        await SendAsync(New(run, MessageKind.Retry, reason), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Pauses a flow: its runs end as they are, and no other run of it begins or goes on before <see cref="ResumeFlowAsync"/>.</summary>
    /// <param name="flow">The flow's stable name.</param>
    /// <param name="reason">Why, in one sentence. Default: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task PauseFlowAsync(string flow, string? reason = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(flow);
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        await _store.SetPausedAsync(flow, new PausedFlow(flow, _time.GetUtcNow(), Actor, reason), cancellationToken).ConfigureAwait(false);
        await RefreshAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the pause of a flow; the runs that waited for it begin.</summary>
    /// <param name="flow">The flow's stable name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was paused.</returns>
    public async Task<bool> ResumeFlowAsync(string flow, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(flow);
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        var changed = await _store.SetPausedAsync(flow, null, cancellationToken).ConfigureAwait(false);
        await RefreshAsync().ConfigureAwait(false);
        return changed;
    }

    /// <summary>Ends a run of which nothing has been done; false when it is another one, or somebody was faster.</summary>
    private async ValueTask<bool> TryCancelUnbegunAsync(FlowRunRecord run, string? reason, CancellationToken cancellationToken)
    {
        if (run is not { HostId: null, StartedAt: null, ForkedFrom: null, CallerHostId: null, State: FlowRunState.Queued or FlowRunState.Scheduled } || run.RootRunId != run.Id)
            return false;
        var now = _time.GetUtcNow();
        var why = Wording.Say($"cancelled by {Actor}", reason);
        var ended = run with { State = FlowRunState.Cancelled, WakeAt = null, EndedAt = now, Reason = why, Fence = run.Fence + 1 };
        var entry = new LedgerEntry { RunId = run.Id, At = now, From = run.State.ToString(), To = ended.State.ToString(), Actor = Actor, Reason = why };
        return await _store.TryReplaceAsync(ended, run.Version, [entry], cancellationToken).ConfigureAwait(false);
    }

    private static void CheckRoot(FlowRunRecord run)
    {
        if (run.RootRunId != run.Id)
            throw new FletcherUsageException("FLT1504", $"Flow run {run.Id} of '{run.Flow}' is a sub-flow of run {run.RootRunId}. Ask for that one: it calls its sub-flows again as far as that is needed.");
    }

    private RunMessage New(RunId run, MessageKind kind, string? reason) => new()
    {
        RunId = run,
        Kind = kind,
        SentAt = _time.GetUtcNow(),
        Actor = Actor,
        Reason = reason,
    };

    private async Task<bool> SendAsync(RunMessage message, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        var before = await _store.GetLastMessageAsync(cancellationToken).ConfigureAwait(false);
        var sent = await _store.SendAsync(message, cancellationToken).ConfigureAwait(false);
        if (sent is null)
        {
            var run = await FindAsync(message.RunId, cancellationToken).ConfigureAwait(false);
            throw new FletcherUsageException("FLT1503", $"Flow run {run.Id} of '{run.Flow}' ended {run.State} at {run.EndedAt:u}: nothing can be sent to it any more.");
        }

        _host?.Loop.Poke();
        return sent.Number > before;
    }

    /// <summary>Opens the store of the client's host; a store that was given is open.</summary>
    private ValueTask OpenAsync(CancellationToken cancellationToken) => _host?.OpenForClientAsync(cancellationToken) ?? ValueTask.CompletedTask;

    private async ValueTask<FlowRunRecord> FindAsync(RunId run, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await _store.GetFlowRunAsync(run, cancellationToken).ConfigureAwait(false)
            ?? throw Missing(run);
    }

    private FletcherUsageException Missing(RunId run) => new("FLT1401", $"There is no flow run {run} in the store ({_store.Description}).");

    private async ValueTask RefreshAsync()
    {
        if (_host is null)
            return;
        await _host.ReadPausedAsync().ConfigureAwait(false);
        _host.Loop.Poke();
    }
}
