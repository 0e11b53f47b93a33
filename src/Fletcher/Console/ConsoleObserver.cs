using System.Collections.Concurrent;
using Fletcher.Diagnosis;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;
using Microsoft.Extensions.Logging;

namespace Fletcher.Terminal;

/// <summary>
/// Shows the runs of this host on the console, on standard error: a live tree on a terminal, lines elsewhere, and an
/// explanation when a run fails.
/// </summary>
public sealed class ConsoleObserver : IRunObserver, IDisposable
{
    private const int MaxShownLog = 300;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, Func<FlowPlan>?> _plans = [];
    private readonly TimeProvider _time;
    private readonly LogLevel _echoLogsFrom;
    private readonly RunFlood _flood;
    private readonly RunTally _tally;
    private readonly FailureReport? _failures;
    private readonly IRunDisplay? _display;
    private readonly Glyphs _glyphs;
    private readonly ITimer? _timer;
    private DateTimeOffset _floodToldAt;
    private bool _isTicking;
    private int _tickDepth;

    /// <summary>Makes one that writes to the process's standard error.</summary>
    /// <param name="store">Where failed runs are read from to be explained.</param>
    /// <param name="time">The clock.</param>
    /// <param name="advisors">Asked for advice about failures, before Fletcher's own.</param>
    /// <param name="options">What to show; null for the defaults.</param>
    public ConsoleObserver(
        IRunStore store, TimeProvider time, IEnumerable<IFailureAdvisor>? advisors = null, ConsoleOptions? options = null)
        : this(store, time, advisors ?? [], options ?? new ConsoleOptions(), null)
    {
    }

    internal ConsoleObserver(
        IRunStore store, TimeProvider time, IEnumerable<IFailureAdvisor> advisors, ConsoleOptions options,
        ConsoleTarget? target)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _echoLogsFrom = options.EchoLogsFrom;
        _flood = new RunFlood(time);
        _tally = new RunTally(time, _flood);
        Mode = options.Resolve(Environment.GetEnvironmentVariable, Console.IsErrorRedirected);
        _glyphs = Glyphs.Ascii;
        if (Mode == ConsoleMode.Off)
            return;

        target ??= ConsoleTarget.StandardError();
        _glyphs = target.Glyphs;
        (_display, Mode) = CreateDisplay(target);
        _failures = new FailureReport(store, [.. advisors, new SqliteAdvisor(store)], _display, _glyphs, time, PlanOf);
        _timer = time.CreateTimer(static self => ((ConsoleObserver)self!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        AppDomain.CurrentDomain.UnhandledException += OnUnhandledException;
    }

    /// <summary>The form that was chosen.</summary>
    public ConsoleMode Mode { get; }

    /// <summary>
    /// A writer to standard output or error that does not disturb what Fletcher shows. Whoever captures the console
    /// writes the program's text on through this one.
    /// </summary>
    /// <param name="original">The console's own writer.</param>
    /// <param name="isRedirected">Whether it goes elsewhere than to the terminal.</param>
    public TextWriter Coordinate(TextWriter original, bool isRedirected)
    {
        ArgumentNullException.ThrowIfNull(original);
        return _display?.Coordinate(original, isRedirected) ?? original;
    }

    /// <inheritdoc/>
    public void FlowRunChanged(FlowRunRecord run, FlowDefinition flow)
    {
        if (_display is null)
            return;
        try
        {
            ArgumentNullException.ThrowIfNull(run);
            ArgumentNullException.ThrowIfNull(flow);
            _plans.TryAdd(flow.Id, flow.Plan);
            bool failed;
            lock (_gate)
                failed = Change(_display, run);
            if (failed)
                _failures!.Explain(run);
        }
        catch (Exception)
        {
            // What is shown must never break what runs: the terminal may be gone.
        }
    }

    /// <inheritdoc/>
    public void StepRunChanged(FlowRunRecord run, StepRunRecord step)
    {
        if (_display is null)
            return;
        try
        {
            lock (_gate)
            {
                if (step.Discarded)
                {
                    _tally.TellUndone(run, step);
                    return;
                }

                var (node, group) = _tally.Tell(run, step);
                if (node.IsShown)
                    _display.StepChanged(node, group, step);
            }
        }
        catch (Exception)
        {
            // As above.
        }
    }

    /// <inheritdoc/>
    public void FanOutBegan(FlowRunRecord run, int parentSequence, string? step, long total)
    {
        if (_display is null)
            return;
        lock (_gate)
            _tally.Announce(run.Id, parentSequence, step, total);
    }

    /// <inheritdoc/>
    public void LogWritten(LogLine line)
    {
        // The program's own output reaches the console by itself; it is only coordinated.
        if (_display is null || line.Level < _echoLogsFrom || line.Category is "stdout" or "stderr")
            return;
        try
        {
            var tone = line.Level >= LogLevel.Error ? Tone.Bad : line.Level == LogLevel.Warning ? Tone.Warning : Tone.Dim;
            _display.Show([new StyledLine(2).Add(_glyphs.Rule + " ", tone).Add(Readable.FirstLine(line.Message, MaxShownLog))]);
        }
        catch (Exception)
        {
            // As above.
        }
    }

    /// <inheritdoc/>
    public void ArtifactWritten(ArtifactRecord artifact)
    {
        if (_display is null || artifact.Kind != ArtifactKind.Progress)
            return;
        try
        {
            lock (_gate)
            {
                if (_tally.Find(artifact.RunId) is not { } run)
                    return;
                if (artifact.Sequence == 0)
                {
                    run.Progress = artifact.Content;
                }
                else if (run.Open.TryGetValue(artifact.Sequence, out var step))
                {
                    step.Progress = artifact.Content;
                    if (run.IsShown)
                        _display.Progressed(run, step);
                }
            }
        }
        catch (Exception)
        {
            // As above.
        }
    }

    /// <inheritdoc/>
    public void Note(string message)
    {
        if (_display is null)
            return;
        try
        {
            _display.Show([new StyledLine(2).Add(_glyphs.Rule + " ", Tone.Warning).Add(Readable.FirstLine(message, MaxShownLog))]);
        }
        catch (Exception)
        {
            // As above.
        }
    }

    /// <summary>Shows what has not been shown yet.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandledException;
        _timer?.Dispose();
        TellFlood(isLast: true);
    }

    private bool Change(IRunDisplay display, FlowRunRecord run)
    {
        var (node, change) = _tally.Tell(run);
        if (change == RunChange.WasDone && run.ParentRunId is not null)
            return false;

        // Told of the end alone: either a run of an earlier time that answers again, or one too short to be told twice.
        if (change == RunChange.WasDone && run is not { State: FlowRunState.Completed, OnceKey: not null })
        {
            (node, change) = _tally.Tell(run with { State = FlowRunState.Running, EndedAt = null });
            if (node.IsShown)
                display.RunChanged(node, change);
            (node, change) = _tally.Tell(run);
        }

        if (node is { IsRoot: true, IsShown: true })
            display.RunChanged(node, change);
        SetTimer(display);
        return node.IsRoot && change == RunChange.Ended && run.State == FlowRunState.Failed;
    }

    private void SetTimer(IRunDisplay display)
    {
        var isNeeded = _tally.Roots.Count > 0 || _flood.IsDirty;
        if (isNeeded == _isTicking)
            return;
        _isTicking = isNeeded;
        var interval = isNeeded ? display.Interval : Timeout.InfiniteTimeSpan;
        _timer!.Change(interval, interval);
    }

    private void Tick()
    {
        // A terminal that does not take its text (Ctrl+S) must not collect waiting timer threads.
        if (Interlocked.CompareExchange(ref _tickDepth, 1, 0) != 0)
            return;
        try
        {
            _display!.Tick(_gate);
            TellFlood(isLast: false);
        }
        catch (Exception)
        {
            // As above.
        }
        finally
        {
            Volatile.Write(ref _tickDepth, 0);
        }
    }

    private void TellFlood(bool isLast)
    {
        if (_display is null)
            return;
        List<StyledLine> summaries;
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            if (!isLast && now - _floodToldAt < TimeSpan.FromSeconds(5))
                return;
            _floodToldAt = now;
            summaries = _flood.TakeSummaries(_glyphs);
            if (!isLast)
                SetTimer(_display);
        }
        if (summaries.Count > 0)
            _display.Show(summaries);
    }

    private FlowPlan? PlanOf(string flow) => _plans.GetValueOrDefault(flow)?.Invoke();

    private void OnProcessExit(object? sender, EventArgs e) => TellFlood(isLast: true);

    private void OnUnhandledException(object sender, UnhandledExceptionEventArgs e)
    {
        // The flashlight has said what the runtime would say now, and more; its stack trace would push that off the screen.
        if (e.ExceptionObject is Exception exception && _failures!.HasExplained(exception))
            Environment.Exit(1);
    }

    private (IRunDisplay Display, ConsoleMode Mode) CreateDisplay(ConsoleTarget target)
    {
        var lines = new LineComposer(_glyphs, _time);
        if (Mode == ConsoleMode.Live && target.CreateRegion() is { } region)
            return (new LiveTree(region, lines, _tally), ConsoleMode.Live);
        return (new PlainLines(target.Writer, lines, _tally, _time), ConsoleMode.Plain);
    }
}
