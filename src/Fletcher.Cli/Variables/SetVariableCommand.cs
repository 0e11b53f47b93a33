using System.CommandLine;
using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Sets a variable.</summary>
internal sealed class SetVariableCommand : StoreCommand
{
    private readonly Argument<string> _name;
    private readonly Argument<string> _value;
    private readonly Option<bool> _text;
    private readonly Option<string> _note;
    private readonly Option<long?> _expected;

    internal SetVariableCommand()
        : base(
            "set", "Sets a variable. What is JSON is JSON (500, true, \"[1,2]\"), everything else a text; --text makes any value one. A flow that has read the variable in a run keeps what it has read.",
            "variables set invoice-limit 500",
            "variables set receivers '[\"ada@example.org\",\"bob@example.org\"]'",
            "variables set version 1.10 --text      # else the number 1.10",
            "variables set invoice-limit 600 --if-version 3 --note 'agreed with the bank'")
    {
        _name = Argument("name", "The variable's name: 1 to 200 characters.").CompletedWith(StoreNames.Variables);
        _value = Argument("value", "Its value; at most 64 KiB.");
        _text = Option<bool>("--text", "The value is a text, whatever it looks like.");
        _note = Option<string>("--note", "What it is for, or why it changes. Default: the note that it has.", "text");
        _expected = Option<long?>("--if-version", "Only if it has this version now; 0: only if there is none.", "n");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var (name, value) = (session.Get(_name), session.Get(_value));
        var json = session.Get(_text) || !GivenParameters.IsJson(value) ? GivenParameters.ToJson(value) : value;
        var isSet = await session.Client.SetVariableJsonAsync(name, json, session.Get(_note), session.Get(_expected), session.CancellationToken).ConfigureAwait(false);
        var variable = await session.Client.FindVariableAsync(name, session.CancellationToken).ConfigureAwait(false);
        if (!isSet)
            throw VariableView.OtherVersion(VariableKind.Variable, name, variable?.Version, variable?.ChangedBy);
        if (session.Printer.IsJson)
            session.Printer.WriteJson(found => found.WriteVariable(variable ?? throw new CommandException($"The variable '{name}' was set, and somebody has deleted it since.")));
        else
            session.Printer.Write($"Variable '{name}' is {json}.");
        return ExitCode.Ok;
    }
}
