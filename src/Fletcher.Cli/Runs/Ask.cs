using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Says that something was asked of a run, and whether anybody is there to do it.</summary>
internal static class Ask
{
    /// <summary>Tells what was done.</summary>
    /// <param name="session">The session.</param>
    /// <param name="run">The run.</param>
    /// <param name="action">What was asked for, as JSON names it: <c>retry</c>.</param>
    /// <param name="said">The same as a sentence without a full stop.</param>
    /// <param name="needsHost">Whether a host must take the run for it.</param>
    internal static async Task<int> DoneAsync(Session session, FlowRunRecord run, string action, string said, bool needsHost)
    {
        var root = run.RootRunId == run.Id ? run : await session.Store.GetFlowRunAsync(run.RootRunId, session.CancellationToken).ConfigureAwait(false) ?? run;
        var lack = needsHost && root.HostId is null
            ? Takers.FindLack(root, await session.Store.GetLivingHostsAsync(session.CancellationToken).ConfigureAwait(false))
            : null;
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteString("action", action);
                json.WriteString("run", run.Id.ToString());
                json.WriteString("flow", run.Flow);
                json.WriteString("waitsFor", lack);
            });
            return ExitCode.Ok;
        }

        session.Printer.Write(new StyledLine().Add(session.Printer.Glyphs.Of(FlowRunState.Completed).Sign, Tone.Good).Add($" {said}."));
        if (lack is not null)
            session.Printer.Write(new StyledLine(2).Add($"Note: {lack}, so it waits for one. A plain program goes on with it when it is started again with FLETCHER_RETRY={run.Id}.", Tone.Warning));
        return ExitCode.Ok;
    }
}
