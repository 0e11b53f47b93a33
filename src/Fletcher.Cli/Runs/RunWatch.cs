using Fletcher.Model;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Tells what a run does until it has ended. It looks when the store says that something was written, and twice a second.</summary>
internal static class RunWatch
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    internal static async Task<int> ShowUntilEndAsync(Session session, RunId id, TimeSpan? limit)
    {
        using var heard = new SemaphoreSlim(0);
        using var listening = session.Store.Listen(() => heard.Release());
        var began = session.Time.GetTimestamp();
        FlowRunRecord? last = null;
        while (true)
        {
            var run = await session.Store.GetFlowRunAsync(id, session.CancellationToken).ConfigureAwait(false)
                ?? throw new CommandException($"Run {id} is not in the store ({session.Store.Description}) any more.");
            if (!session.Printer.IsJson && (run.State, run.Reason, run.Attempt, run.WakeAt is null) != (last?.State, last?.Reason, last?.Attempt ?? 0, last?.WakeAt is null))
                session.Printer.Write(Line(session, run));
            last = run;
            if (run.IsOver)
                return End(session, run);
            if (session.Time.GetElapsedTime(began) >= limit)
                return TimeOut(session, run);
            var rest = limit is { } all ? all - session.Time.GetElapsedTime(began) : LookEvery;
            await heard.WaitAsync(rest < LookEvery ? rest > TimeSpan.Zero ? rest : TimeSpan.Zero : LookEvery, session.CancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What the end of a run is to who waited for it.</summary>
    internal static int CodeOf(FlowRunState state) => state switch
    {
        FlowRunState.Completed => ExitCode.Ok,
        FlowRunState.Cancelled => ExitCode.Cancelled,
        _ => ExitCode.Failed,
    };

    private static StyledLine Line(Session session, FlowRunRecord run)
    {
        var (sign, tone) = session.Printer.Glyphs.Of(run.State);
        var line = new StyledLine().Add(Readable.Time(session.Time.GetUtcNow(), session.Printer.Zone) + " ", Tone.Dim)
            .Add(sign, tone).Add(" ").Add(Readable.RunName(run), Tone.Strong).Add(" " + Glyphs.Word(run.State), tone);
        if (run.StartedAt is { } start && run.EndedAt is { } end)
            line.Add("  " + Readable.Duration(end - start), Tone.Dim);
        if (run.Error is { } error)
            line.Add("  " + Readable.Error(error), Tone.Bad);
        else if (run.Reason is { } reason)
            line.Add("  " + Readable.FirstLine(reason, 140), Tone.Dim);
        return line;
    }

    private static int End(Session session, FlowRunRecord run)
    {
        if (session.Printer.IsJson)
            WriteJson(session, run, isTimedOut: false);
        else if (run.State is FlowRunState.Failed or FlowRunState.Crashed)
            session.Printer.Write(new StyledLine(2) { IsVerbatim = true }.Add($"fletcher why {run.Id}", Tone.Accent));
        return CodeOf(run.State);
    }

    private static int TimeOut(Session session, FlowRunRecord run)
    {
        if (session.Printer.IsJson)
            WriteJson(session, run, isTimedOut: true);
        else
            Console.Error.WriteLine($"Run {run.Id} of '{run.Flow}' has not ended in time; it is {Glyphs.Word(run.State)} and goes on.");
        return ExitCode.TimedOut;
    }

    private static void WriteJson(Session session, FlowRunRecord run, bool isTimedOut) => session.Printer.WriteJson(json =>
    {
        json.WriteBoolean("timedOut", isTimedOut);
        json.WriteStartObject("run");
        json.WriteRun(run);
        json.WriteEndObject();
    });
}
