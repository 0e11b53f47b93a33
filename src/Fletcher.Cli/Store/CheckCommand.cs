using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Looks whether the store is whole.</summary>
internal sealed class CheckCommand() : StoreCommand(
    "check", "Looks whether the store is whole: reads all of it, while hosts go on. In a large store that takes minutes. The exit code is 1 when it is not.",
    "store check",
    "store check --json")
{
    protected override async Task<int> RunAsync(Session session)
    {
        var findings = await session.Upkeep().CheckAsync(session.CancellationToken).ConfigureAwait(false);
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteString("store", session.Store.Description);
                json.WriteBoolean("isWhole", findings.Count == 0);
                json.WriteTexts("findings", findings);
            });
        }
        else if (findings.Count == 0)
        {
            session.Printer.Write($"The store ({session.Store.Description}) is whole.");
        }
        else
        {
            session.Printer.Write(findings.Select(static finding => new StyledLine().Add(finding, Tone.Bad)));
        }

        return findings.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
    }
}
