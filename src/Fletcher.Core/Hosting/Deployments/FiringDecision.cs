using System.Globalization;
using Fletcher.Model;
using Fletcher.Scheduling;

namespace Fletcher.Hosting;

/// <summary>What is to be done for a deployment at one moment: a pure function of its record, the time, and which of its runs are over.</summary>
/// <remarks>
/// Firings are decided once, in their order: catch-up says which are to be started, overlap what becomes of those while a run goes on. What is left out is left out for good and noted. Everything
/// else that waits (<see cref="DeploymentRecord.Waiting"/>, the backfill) is started as runs end.
/// </remarks>
internal sealed class FiringDecision
{
    /// <summary>So many firings are decided at once; the others right after.</summary>
    internal const int MostAtOnce = 100;

    /// <summary>So many may wait for the run before them; more are left out, as somebody should look.</summary>
    internal const int MostWaiting = 1_000;

    private const int MostOpen = 100;

    /// <summary>How often to look whether a run has ended that others wait for, when nobody says so: its host was told to, and may have died.</summary>
    internal static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    private readonly DateTimeOffset _now;
    private readonly List<DateTimeOffset> _starts = [];
    private readonly List<DateTimeOffset> _fills = [];
    private DeploymentRecord _record;
    private bool _isMore;

    private FiringDecision(DeploymentRecord record, DateTimeOffset now, IReadOnlySet<RunId> over)
    {
        _now = now;
        _record = record with
        {
            Open = [.. record.Open.Where(run => !over.Contains(run))],
            Backfill = record.Backfill is { } fill ? fill with { Open = [.. fill.Open.Where(run => !over.Contains(run))] } : null,
        };
    }

    /// <summary>The times of the firings to start.</summary>
    internal IReadOnlyList<DateTimeOffset> Starts => _starts;

    /// <summary>The times of the backfill to start.</summary>
    internal IReadOnlyList<DateTimeOffset> Fills => _fills;

    /// <summary>The runs to cancel before anything is started.</summary>
    internal IReadOnlyList<RunId> Cancels { get; private set; } = [];

    /// <summary>The runs whose states the decision needs.</summary>
    internal static IEnumerable<RunId> Asked(DeploymentRecord record) =>
        (record.Effective.Overlap == OverlapPolicy.Allow && record.Waiting.Count == 0 ? [] : record.Open).Concat(record.Backfill?.Open ?? []);

    /// <summary>Decides.</summary>
    /// <param name="record">The deployment.</param>
    /// <param name="schedule">Its effective schedule; null for none.</param>
    /// <param name="now">The time it is.</param>
    /// <param name="over">Those of <see cref="Asked"/> that are over.</param>
    internal static FiringDecision Decide(DeploymentRecord record, Schedule? schedule, DateTimeOffset now, IReadOnlySet<RunId> over)
    {
        var decision = new FiringDecision(record, now, over);
        if (record.Paused is not null)
            return decision;
        if (schedule is not null)
            decision.DecideFirings(schedule);
        decision.StartWaiting();
        decision.StartFills();
        return decision;
    }

    /// <summary>When a host looks at a deployment next.</summary>
    internal static DateTimeOffset? FindNext(DeploymentRecord record, Schedule? schedule, DateTimeOffset now)
    {
        if (record.Paused is not null)
            return null;
        var waits = record.Waiting.Count > 0 || record.Backfill is not null;
        DateTimeOffset? again = waits ? now + LookAgain : null;
        var next = schedule?.Next(record.HandledAt) is { } firing ? Later(schedule.DueAt(record.Name, firing)) : (DateTimeOffset?)null;
        return next is null || again < next ? again : next;
    }

    /// <summary>The record afterwards.</summary>
    /// <param name="schedule">Its effective schedule.</param>
    /// <param name="started">The run of each of <see cref="Starts"/>.</param>
    /// <param name="filled">The run of each of <see cref="Fills"/>.</param>
    internal DeploymentRecord Record(Schedule? schedule, IReadOnlyList<RunId> started, IReadOnlyList<RunId> filled)
    {
        var record = _record with { Open = [.. _record.Open.Concat(started).TakeLast(MostOpen)] };
        if (started.Count > 0)
            record = record with { Last = new DeploymentFiring(_starts[^1], started[^1], _now) };
        if (record.Backfill is { } fill)
        {
            fill = fill with { Open = [.. fill.Open, .. filled] };
            record = record with { Backfill = fill.Pending.Count + fill.Open.Count == 0 ? null : fill };
        }

        return record with { NextAt = _isMore ? _now : FindNext(record, schedule, _now) };
    }

    /// <summary>The record when nothing could be started: what was due is left out, with the reason.</summary>
    internal DeploymentRecord Failed(Schedule? schedule, string reason)
    {
        var time = _starts.Concat(_fills).Max();
        var record = _record with { Note = new DeploymentNote(time, reason, _now, true) };
        if (record.Backfill is { Pending.Count: 0, Open.Count: 0 })
            record = record with { Backfill = null };
        return record with { NextAt = _isMore ? _now : FindNext(record, schedule, _now) };
    }

    private void DecideFirings(Schedule schedule)
    {
        var handled = _record.HandledAt;
        if (CatchUp.LastDue(schedule, _record.Name, handled, _now) is not { } last)
            return;
        var settings = _record.Effective;
        var catchUp = new CatchUp { Policy = settings.CatchUp, Window = settings.CatchUpWindow };
        var due = catchUp.Due(schedule, _record.Name, handled, _now).Take(MostAtOnce + 1).ToList();
        _isMore = due.Count > MostAtOnce;
        if (_isMore)
            due.RemoveAt(MostAtOnce);
        if (due.Count == 0)
            LeaveOut(last.Time, $"it was missed, and catch-up is {settings.CatchUp}");
        _record = _record with { HandledAt = _isMore ? due[^1].Time : last.Time };
        foreach (var firing in due)
            DecideOverlap(firing.Time, settings.Overlap, isLast: firing == due[^1]);
    }

    private void DecideOverlap(DateTimeOffset time, OverlapPolicy overlap, bool isLast)
    {
        var runs = _record.Open.Count + _starts.Count > 0;
        switch (overlap)
        {
            case OverlapPolicy.Skip when runs:
                LeaveOut(time, _record.Open.Count > 0 ? $"run {_record.Open[^1]} before it goes on, and overlap is Skip" : $"the one of {Shown(_starts[0])} starts in this moment, and overlap is Skip");
                break;
            case OverlapPolicy.Queue when _record.Waiting.Count >= MostWaiting:
                LeaveOut(time, $"{MostWaiting:N0} firings before it wait for run {(_record.Open.Count > 0 ? _record.Open[0] : null)} already");
                break;
            case OverlapPolicy.Queue:
                _record = _record with { Waiting = [.. _record.Waiting, time] };
                break;
            case OverlapPolicy.CancelRunning when !isLast:
                LeaveOut(time, "a later one is due too, and overlap is CancelRunning");
                break;
            case OverlapPolicy.CancelRunning:
                Cancels = _record.Open;
                _starts.Add(time);
                break;
            default:
                _starts.Add(time);
                break;
        }
    }

    private void StartWaiting()
    {
        if (_record.Waiting.Count == 0 || _record.Open.Count + _starts.Count > 0)
            return;
        _starts.Add(_record.Waiting[0]);
        _record = _record with { Waiting = [.. _record.Waiting.Skip(1)] };
    }

    private void StartFills()
    {
        if (_record.Backfill is not { } fill)
            return;
        var room = Math.Clamp(Math.Min(fill.AtMost - fill.Open.Count, MostAtOnce), 0, fill.Pending.Count);
        _fills.AddRange(fill.Pending.Take(room));
        _record = _record with { Backfill = fill with { Pending = [.. fill.Pending.Skip(room)] } };
    }

    private void LeaveOut(DateTimeOffset time, string why) =>
        _record = _record with { Note = new DeploymentNote(time, $"The firing of {Shown(time)} was left out: {why}.", _now, false) };

    // Stores keep whole microseconds: rounded down, it would be looked at before it is due.
    private static DateTimeOffset Later(DateTimeOffset time) =>
        time.UtcTicks % TimeSpan.TicksPerMillisecond is > 0 and var rest ? time.AddTicks(TimeSpan.TicksPerMillisecond - rest) : time;

    internal static string Shown(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:sszzz", CultureInfo.InvariantCulture);
}
