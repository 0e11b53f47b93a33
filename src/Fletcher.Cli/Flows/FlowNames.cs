using Fletcher.Diagnosis;
using Fletcher.Storage;

namespace Fletcher.Cli;

/// <summary>Checks that a flow is one that the store knows, so that a slip of the pen pauses nothing.</summary>
internal static class FlowNames
{
    internal static async Task CheckAsync(Session session, string flow)
    {
        var names = (await session.Store.GetFlowsAsync(session.CancellationToken).ConfigureAwait(false)).Select(static one => one.Name)
            .Concat((await session.Store.GetPausedAsync(session.CancellationToken).ConfigureAwait(false)).Select(static one => one.Flow)).ToHashSet(StringComparer.Ordinal);
        if (names.Contains(flow))
            return;
        var runs = await session.Store.GetFlowRunsAsync(new FlowRunQuery { Flow = flow, Limit = 1 }, session.CancellationToken).ConfigureAwait(false);
        if (runs.Count > 0)
            return;
        var near = SimilarName.Find(flow, names) is { } similar ? $" Did you mean '{similar}'?" : " 'fletcher flows' lists those that hosts take.";
        throw new CommandException($"The store ({session.Store.Description}) knows no flow '{flow}'.{near}");
    }

    internal static int Say(Session session, string flow, bool isPaused, bool hasChanged)
    {
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteString("flow", flow);
                json.WriteBoolean("isPaused", isPaused);
                json.WriteBoolean("changed", hasChanged);
            });
        }
        else
        {
            session.Printer.Write(isPaused ? $"Flow '{flow}' is paused: no run of it begins or goes on." : hasChanged ? $"Flow '{flow}' goes on." : $"Flow '{flow}' was not paused.");
        }

        return ExitCode.Ok;
    }
}
