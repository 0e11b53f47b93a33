using Fletcher.Model;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Lists variables.</summary>
internal sealed class VariablesCommand : StoreCommand
{
    private const int MostShown = 60;

    internal VariablesCommand()
        : base(
            "variables", "Lists the variables: named values that flows read and that change without a deploy.",
            "variables",
            "variables --json",
            "variables get invoice-limit",
            "variables set invoice-limit 500 --note 'agreed with the bank'",
            "variables delete invoice-limit")
    {
        Subcommands.Add(new ListVariablesCommand());
        Subcommands.Add(new GetVariableCommand());
        Subcommands.Add(new SetVariableCommand());
        Subcommands.Add(new DeleteVariableCommand(VariableKind.Variable, "variables", "invoice-limit"));
    }

    protected override Task<int> RunAsync(Session session) => ListAsync(session);

    internal static async Task<int> ListAsync(Session session)
    {
        var variables = await session.Client.GetVariablesAsync(session.CancellationToken).ConfigureAwait(false);
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteStartArray("variables");
                foreach (var variable in variables)
                {
                    json.WriteStartObject();
                    json.WriteVariable(variable);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            return ExitCode.Ok;
        }

        if (variables.Count == 0)
        {
            session.Printer.Write("There is no variable. Set one: fletcher variables set NAME VALUE");
            return ExitCode.Ok;
        }

        var now = session.Time.GetUtcNow();
        var table = new Table(new("VARIABLE"), new("VALUE", Shrinks: true), new("SET", IsNumber: true), new("BY"), new("NOTE", Shrinks: true));
        foreach (var variable in variables)
            table.Add((variable.Name, Tone.Strong), (Readable.FirstLine(variable.Json, MostShown), Tone.Normal), (Ago.Of(variable.ChangedAt, now), Tone.Dim), (variable.ChangedBy, Tone.Dim), (variable.Note ?? "", Tone.Dim));
        session.Printer.Write(table.Lines(session.Printer.Width, session.Printer.Glyphs.Ellipsis));
        return ExitCode.Ok;
    }
}
