using System.CommandLine;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Looks for what keeps flows from running.</summary>
internal sealed class DoctorCommand : ToolCommand
{
    internal DoctorCommand()
        : base(
            "doctor", "Looks for what keeps flows from running: the .NET SDK, the store, hosts, clocks, runs that nobody takes, paused flows, limits. Each finding has what to do. The exit code is 1 when there is one.",
            "doctor",
            "doctor --json --store 'Host=db;Database=fletcher'")
        => SetAction(RunAsync);

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        var printer = Printer.Of(arguments);
        if (await SdkCheck.FindAsync(cancellationToken).ConfigureAwait(false) is { } sdk)
            findings.Add(sdk);
        var description = "";
        try
        {
            var session = await Session.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                description = session.Store.Description;
                findings.AddRange(await StoreCheck.FindAsync(session).ConfigureAwait(false));
                findings.AddRange(await HostCheck.FindAsync(session).ConfigureAwait(false));
                findings.AddRange(await RunCheck.FindAsync(session).ConfigureAwait(false));
                findings.AddRange(await LimitChecks.FindAsync(session).ConfigureAwait(false));
            }
        }
        catch (StoreUnavailableException e)
        {
            findings.Add(new Finding("store", e.Message, "Until that is put right nothing else can be looked at."));
        }

        if (printer.IsJson)
        {
            printer.WriteJson(json =>
            {
                json.WriteString("store", description.Length > 0 ? description : null);
                json.WriteBoolean("isWell", findings.Count == 0);
                json.WriteStartArray("findings");
                foreach (var finding in findings)
                {
                    json.WriteStartObject();
                    json.WriteString("kind", finding.Kind);
                    json.WriteString("what", finding.What);
                    json.WriteString("todo", finding.Todo);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
        }
        else
        {
            printer.Write(findings.Select(finding => new StyledLine().Add($"{finding.Kind,-7} ", Tone.Warning).Add(finding.What).Add(" " + finding.Todo, Tone.Accent)));
            if (findings.Count == 0)
                printer.Write(new StyledLine().Add(printer.Glyphs.Of(Model.FlowRunState.Completed).Sign, Tone.Good).Add($" All is well, in {description}."));
        }

        return findings.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
    }
}
