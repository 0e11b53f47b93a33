using System.CommandLine;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Waits for the end of a run.</summary>
internal sealed class WatchCommand : StoreCommand
{
    private readonly Argument<string> _run;
    private readonly Option<string> _timeout;

    internal WatchCommand()
        : base(
            "watch", "Says how a run's state changes, until it has ended. The exit code says how it ended: 0 completed, 1 failed or crashed, 4 cancelled, 5 not in time.",
            "runs watch r1t3v5x7",
            "runs watch r1t3v5x7 --timeout 10m && echo done")
    {
        _run = Argument("run", "The run's id, or how it begins or ends.");
        _timeout = Option<string>("--timeout", "Gives up after this time; the run goes on. Default: never.", "duration");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var limit = session.Get(_timeout) is { } text ? Durations.Parse(text, "--timeout") : (TimeSpan?)null;
        var run = await session.FindAsync(session.Get(_run)).ConfigureAwait(false);
        return await RunWatch.ShowUntilEndAsync(session, run.Id, limit).ConfigureAwait(false);
    }
}
