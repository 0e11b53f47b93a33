using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>Writes the value of a variable.</summary>
internal sealed class GetVariableCommand : StoreCommand
{
    private readonly Argument<string> _name;

    internal GetVariableCommand()
        : base("get", "Writes the value of a variable as JSON, and nothing else. With --json: with its version, note, and who set it when.", "variables get invoice-limit", "variables get invoice-limit --json")
        => _name = Argument("name", "The variable's name.").CompletedWith(StoreNames.Variables);

    protected override async Task<int> RunAsync(Session session)
    {
        var variable = await session.FindVariableAsync(session.Get(_name)).ConfigureAwait(false);
        if (session.Printer.IsJson)
            session.Printer.WriteJson(json => json.WriteVariable(variable));
        else
            session.Printer.WriteRaw(variable.Json + "\n");
        return ExitCode.Ok;
    }
}
