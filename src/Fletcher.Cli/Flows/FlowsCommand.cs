using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Lists flows.</summary>
internal sealed class FlowsCommand : StoreCommand
{
    internal FlowsCommand()
        : base(
            "flows", "Lists the flows that hosts take or took, and which are paused. A flow that only plain programs call is not among them.",
            "flows",
            "flows --json",
            "flows pause Billing.InvoiceMonth --reason 'the bank is down'")
    {
        Subcommands.Add(new PauseFlowCommand());
        Subcommands.Add(new ResumeFlowCommand());
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var flows = await session.Store.GetFlowsAsync(session.CancellationToken).ConfigureAwait(false);
        var paused = (await session.Store.GetPausedAsync(session.CancellationToken).ConfigureAwait(false)).ToDictionary(static one => one.Flow, StringComparer.Ordinal);
        var living = await session.Store.GetLivingHostsAsync(session.CancellationToken).ConfigureAwait(false);
        var names = flows.Select(static flow => flow.Name).Concat(paused.Keys).Concat(living.SelectMany(static host => host.Flows)).Distinct().Order(StringComparer.Ordinal).ToList();
        var known = flows.ToDictionary(static flow => flow.Name, StringComparer.Ordinal);
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteStartArray("flows");
                foreach (var name in names)
                {
                    var flow = known.GetValueOrDefault(name);
                    var pause = paused.GetValueOrDefault(name);
                    json.WriteStartObject();
                    json.WriteString("name", name);
                    json.WriteString("summary", flow?.Summary);
                    json.WriteTexts("tags", flow?.Tags ?? []);
                    json.WriteNumber("hosts", living.Count(host => host.Flows.Contains(name)));
                    json.WriteBoolean("isPaused", pause is not null);
                    json.WriteTime("pausedAt", pause?.At);
                    json.WriteString("pausedBy", pause?.Actor);
                    json.WriteString("pauseReason", pause?.Reason);
                    json.WriteString("codeVersion", flow?.CodeVersion);
                    json.WriteTime("publishedAt", flow?.PublishedAt);
                    json.WritePropertyName("parameters");
                    if (flow?.ParameterSchema is { } schema)
                        json.WriteRawValue(schema);
                    else
                        json.WriteNullValue();
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            return ExitCode.Ok;
        }

        if (names.Count == 0)
        {
            session.Printer.Write($"No host has said yet which flows it takes, in {session.Store.Description}.");
            return ExitCode.Ok;
        }

        var table = new Table(new("FLOW", Shrinks: true), new("HOSTS", IsNumber: true), new("STATE", Shrinks: true), new("SUMMARY", Shrinks: true));
        foreach (var name in names)
        {
            var pause = paused.GetValueOrDefault(name);
            table.Add(
                (name, Tone.Strong), (Readable.Count(living.Count(host => host.Flows.Contains(name))), Tone.Normal),
                (pause is null ? "active" : $"paused by {pause.Actor}{(pause.Reason is { } why ? $": {why}" : "")}", pause is null ? Tone.Dim : Tone.Warning),
                (known.GetValueOrDefault(name)?.Summary is { } summary ? Readable.FirstLine(summary, 200) : "", Tone.Dim));
        }

        session.Printer.Write(table.Lines(session.Printer.Width, session.Printer.Glyphs.Ellipsis));
        return ExitCode.Ok;
    }
}
